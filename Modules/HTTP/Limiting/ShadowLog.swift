import Domain
import Limits
import Logging
import Synchronization

/// Logs what limits that are only watched would have refused: of each at most a line every ten seconds, with how many there were since.
final class ShadowLog: Sendable {
    private let logger: Logger
    private let seen = Mutex<[LimitKind: Seen]>([:])

    private struct Seen {
        var loggedAt: ContinuousClock.Instant
        var silent = 0
    }

    private static let pause = Duration.seconds(10)

    init(_ logger: Logger) { self.logger = logger }

    /// - Parameter caller: whose request it was, where that is known.
    func note(_ kind: LimitKind, _ caller: Caller?) {
        let now = ContinuousClock.now
        let count: Int? = seen.withLock { seen in
            if let last = seen[kind], now - last.loggedAt < Self.pause {
                seen[kind]?.silent += 1
                return nil
            }
            defer { seen[kind] = Seen(loggedAt: now) }
            return 1 + (seen[kind]?.silent ?? 0)
        }
        guard let count else { return }
        var metadata: Logger.Metadata = ["limit": "\(kind.rawValue)", "requests": .stringConvertible(count)]
        if let caller {
            metadata["tenantId"] = caller.tenant.map { "\($0)" }
            metadata["actorId"] = "\(caller.subject)"
            metadata["tokenId"] = caller.token.map { "\($0.id)" }
        }
        logger.notice("a limit that is only watched would have refused", metadata: metadata)
    }
}
