import Domain
import FoundationEssentials
package import Limits
import Metrics

/// Charges requests to the limits, in the order of API.md: the address before authentication, the credential behind it.
package struct EdgeLimits: Sendable {
    private let table: LimitTable
    private let limiter: MemoryLimiter

    package init(table: LimitTable, limiter: MemoryLimiter) {
        self.table = table
        self.limiter = limiter
    }

    /// Charges an address for one request of `kind`. Throws ``ErrorCode/quotaExceeded``.
    func charge(_ kind: LimitKind, _ address: IPAddress?) throws(Refusal) {
        guard let limit = table[kind], let address else { return }
        _ = try admit([LimitCharge(LimitKey(kind, Self.subject(of: address)), limit)])
    }

    /// Charges token (where there is one), user and tenant for one request: all of them or, where one is used up, none.
    /// Answers what the response's headers say. Throws ``ErrorCode/quotaExceeded``.
    func charge(_ caller: Caller, _ scope: RequestScope) throws(Refusal) {
        var charges: [LimitCharge] = []
        if let token = caller.token, let limit = limit(of: token) {
            charges.append(LimitCharge(LimitKey(.token, Self.subject(of: token.id.uuid)), limit))
        }
        if let limit = table[.user] { charges.append(LimitCharge(LimitKey(.user, Self.subject(of: caller.subject.uuid)), limit)) }
        if let limit = table[.tenant], let tenant = caller.tenant {
            charges.append(LimitCharge(LimitKey(.tenant, Self.subject(of: tenant.uuid)), limit))
        }
        if charges.isEmpty { return }
        let verdict = limiter.admit(charges)
        scope.rateLimits = Self.fields(of: verdict)
        try Self.require(verdict)
    }

    /// The token's own limit, which narrows the one that holds for all and never widens it.
    private func limit(of token: TokenProof) -> Limit? {
        let standard = table[.token]
        guard let rate = token.breadth.rateLimit, let own = Limit(requests: rate.requests, window: rate.windowSeconds) else { return standard }
        guard let standard else { return own }
        return rate.isWithin(TokenRate(requests: standard.requests, windowSeconds: standard.window)) ? own : standard
    }

    private func admit(_ charges: [LimitCharge]) throws(Refusal) -> LimitVerdict {
        let verdict = limiter.admit(charges)
        try Self.require(verdict)
        return verdict
    }

    private static func require(_ verdict: LimitVerdict) throws(Refusal) {
        guard let refused = verdict.refused else { return }
        Counter(label: "tessera_rate_limit_refusals_total", dimensions: [("limit", refused.kind.rawValue)]).increment()
        throw Refusal(
            .quotaExceeded, "The limit \(refused.kind.rawValue) is used up; try again in \(refused.retryAfter) s.", retryAfter: refused.retryAfter)
    }

    private static func subject(of id: UUID) -> LimitKey.Subject {
        let bytes = id.bytes
        return .words(bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }, bytes[8...].reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// An IPv4 address, or the /64 that one IPv6 customer has.
    private static func subject(of address: IPAddress) -> LimitKey.Subject {
        switch address.network {
        case .v4(let word): .words(UInt64(word), 1)
        case .v6(let high, _): .words(high, 2)
        }
    }

    private static func fields(of verdict: LimitVerdict) -> RateLimitFields {
        var policy = ""
        var state = ""
        for part in verdict.states {
            let separator = policy.isEmpty ? "" : ", "
            policy += "\(separator)\"\(part.kind.rawValue)\";q=\(part.limit.requests);w=\(part.limit.window)"
            state += "\(separator)\"\(part.kind.rawValue)\";r=\(part.remaining);t=\(part.untilNext)"
        }
        return RateLimitFields(policy: policy, state: state)
    }
}
