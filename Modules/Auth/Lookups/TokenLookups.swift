import Domain
import Synchronization

/// What a process remembers of token ids, so that strangers who try ids cost the database next to nothing, and nobody else anything.
///
/// Ids only (of foreign tokens hashes, which no one can show), nothing of what a credential is worth: no token is accepted that wasn't asked for in the database at that moment.
///
/// - **Ids that don't exist** are remembered for a few seconds, and refused meanwhile without a question. That harms nobody: ids are random
///   (122 bits), and a token's row is there before its secret is shown, so whoever has a credential has an id that exists; an id that was
///   asked for and missing comes into being by restored data only, and is then refused for those seconds. So it doesn't matter on which node
///   tokens are made. What counts as one id includes tenant and kind: neither another tenant's nor a service account's spelling of a real id
///   can hide it.
/// - **Ids that this process hasn't seen proven** may have so many lookups under way; past that they are 503. Those seen proven lately
///   always pass, whatever strangers do.
package final class TokenLookups: Sendable {
    private let state: Mutex<State>
    private let bound: Int
    private let now: @Sendable () -> ContinuousClock.Instant

    private struct State {
        var missing: RecentSet<Key>
        var proven: RecentSet<Key>
        /// Lookups under way of ids that weren't seen proven.
        var strangers = 0
    }

    private enum Key: Hashable {
        case ours(TenantID, TokenID, TokenKind)
        /// A foreign token's hash, under its prefix.
        case foreign(TenantID, String, [UInt8])
    }

    private enum Admission {
        case proven, stranger, missing, full
    }

    /// What came of a question.
    enum Answer: Sendable {
        case found(PresentedToken)
        case missed(TokenMiss)
    }

    /// - Parameters:
    ///   - bound: lookups of strangers at once. 256 are some 10 ms of the database's work (25,000 a second, measured), which is what they
    ///     can make others wait; and more than a node that has just started, and knows nobody, has under way as long as lookups take milliseconds.
    ///   - missing: ids that don't exist and are remembered, 0.3 MB. A client with a dead token has one; who tries more learns no more by it.
    ///   - lifetime: of these. Long enough that a client that goes on trying costs one statement in 5 to 10 s, short enough to wait for after
    ///     data was restored.
    ///   - proven: ids seen proven within the last hour, 5 MB.
    ///   - now: a clock that never goes back.
    package init(
        bound: Int = 256, missing: Int = 4_096, lifetime: Duration = .seconds(10), proven: Int = 65_536,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.bound = bound
        self.now = now
        let start = now()
        state = Mutex(
            State(
                missing: RecentSet(capacity: missing, lifetime: lifetime, at: start),
                proven: RecentSet(capacity: proven, lifetime: .seconds(3600), at: start)))
    }

    /// Ids that are remembered.
    var count: Int { state.withLock { $0.missing.count + $0.proven.count } }

    /// What `ask` finds in the database under the id of `token`, unless that needn't or mustn't be asked now.
    ///
    /// - Parameter ask: nil if there is no such id. Throws whatever it throws; that teaches nothing about the id.
    func find(_ token: APITokenFormat.Parsed, _ ask: () async throws -> PresentedToken?) async throws -> Answer {
        try await find(.ours(token.tenant, token.id, token.kind), ask)
    }

    /// Likewise for a foreign token, whose hash stands for its id. One that is missing isn't remembered: it may be imported the next moment.
    func find(_ token: ForeignTokenBook.Parsed, _ ask: () async throws -> PresentedToken?) async throws -> Answer {
        try await find(.foreign(token.tenant, token.prefix, token.hash.bytes), ask)
    }

    private func find(_ key: Key, _ ask: () async throws -> PresentedToken?) async throws -> Answer {
        let admission = admit(key)
        switch admission {
        case .missing: return .missed(.remembered)
        case .full: return .missed(.turnedAway)
        case .proven, .stranger: break
        }
        defer { if admission == .stranger { state.withLock { $0.strangers -= 1 } } }
        guard let found = try await ask() else {
            learn(key, isProven: false)
            return .missed(.absent)
        }
        // A wrong secret teaches nothing: else who knows an id could have it pass.
        if found.secret != nil { learn(key, isProven: true) }
        return .found(found)
    }

    private func admit(_ key: Key) -> Admission {
        let now = now()
        return state.withLock { state in
            if state.missing.contains(key, at: now) { return .missing }
            if state.proven.contains(key, at: now) { return .proven }
            guard state.strangers < bound else { return .full }
            state.strangers += 1
            return .stranger
        }
    }

    private func learn(_ key: Key, isProven: Bool) {
        let now = now()
        state.withLock { state in
            if isProven {
                state.proven.insert(key, at: now)
            } else {
                if case .ours = key { state.missing.insert(key, at: now) }
                state.proven.remove(key)
            }
        }
    }
}

/// A stored token, and which of its secrets was shown.
struct PresentedToken: Sendable {
    let stored: StoredToken
    /// nil: none of them.
    let secret: TokenSecret?
}
