package import Domain
import FoundationEssentials
package import Logging
import ServiceLifecycle
import Synchronization

/// The foreign tokens that this node knows by their form: a table of prefixes in memory, read again every few seconds, so that junk ends
/// without asking the database.
///
/// What it says is only where to look: that a prefix is still in force is part of the statement that verifies. A prefix that was granted
/// just now is known here within ``interval``, and at once on the node where it was granted.
package final class ForeignTokens: Service {
    private let state: Mutex<State>
    private let grants: any PrefixGrants
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let changed: @Sendable ([PrefixGrant]) -> Void

    private struct State {
        var book: ForeignTokenBook
        var readAt: ContinuousClock.Instant
    }

    /// - Parameters:
    ///   - known: what was read at the start, just now.
    ///   - changed: told of what is in force whenever that was read, one after the other; it must not block.
    package init(
        _ known: [PrefixGrant], grants: any PrefixGrants, logger: Logger, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        changed: @escaping @Sendable ([PrefixGrant]) -> Void
    ) {
        state = Mutex(State(book: ForeignTokenBook(known), readAt: now()))
        self.grants = grants
        self.logger = logger
        self.now = now
        self.changed = changed
        changed(known)
    }

    /// How old the table gets.
    package static let interval = Duration.seconds(5)
    /// Past this age a token whose form is unknown may well be one of somebody's.
    package static let patience = Duration.seconds(30)

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval * Double.random(in: 0.8...1)) }
            if Task.isShuttingDownGracefully || Task.isCancelled { return }
            await refresh()
        }
    }

    /// Reads the table now. Where that fails, the one at hand stays until the next time.
    package func refresh() async {
        let begun = now()
        do {
            let known = try await grants.grants()
            let book = ForeignTokenBook(known)
            state.withLock { state in
                // Of two at once, the one that began later knows better.
                guard state.readAt <= begun else { return }
                state = State(book: book, readAt: begun)
                changed(known)
            }
        } catch {
            logger.warning("token prefixes not read again; the ones at hand stay", metadata: ["error": "\(String(reflecting: error))"])
        }
    }

    /// The tenant, prefix and hash of what has the form of a foreign token; nil: it has the form of none.
    ///
    /// Throws ``ErrorCode/serviceUnavailable`` if nobody can tell, since the table is too old.
    func parse(_ text: String) throws(Refusal) -> ForeignTokenBook.Parsed? {
        let state = state.withLock { $0 }
        if let token = state.book.parse(text) { return token }
        if now() - state.readAt > Self.patience, Self.mayBeForeign(text) {
            throw .unavailable("the table of token prefixes is too old to say that a token is unknown")
        }
        return nil
    }

    private static func mayBeForeign(_ text: String) -> Bool {
        ForeignPrefix.lengthBounds.contains(text.utf8.count) && !ForeignPrefix.isReserved(text.utf8) && text.utf8.allSatisfy(ForeignPrefix.isBearer)
    }
}
