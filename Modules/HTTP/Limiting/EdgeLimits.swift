package import Domain
import FoundationEssentials
package import Limits
package import Logging

/// Charges requests to the limits, in the order of API.md: the address before authentication, the credential behind it.
package struct EdgeLimits: Sendable {
    private let table: LimitTable
    private let shadow: Set<LimitKind>
    private let limiter: any Limiter
    private let tenants: TenantLimitBook
    private let shadows: ShadowLog
    private let counters = LimitCounters()

    /// - Parameters:
    ///   - table: what holds where a tenant has no limits of its own.
    ///   - shadow: limits that are only watched, for all tenants.
    package init(table: LimitTable, shadow: Set<LimitKind>, limiter: any Limiter, tenants: TenantLimitBook, logger: Logger) {
        self.table = table
        self.shadow = shadow
        self.limiter = limiter
        self.tenants = tenants
        shadows = ShadowLog(logger)
    }

    /// Charges an address for one request of `kind`. Throws ``ErrorCode/quotaExceeded``.
    func charge(_ kind: LimitKind, _ address: IPAddress?) async throws(Refusal) {
        guard let limit = table[kind], let address else { return }
        let verdict = await limiter.admit([LimitCharge(LimitKey(kind, Self.subject(of: address)), limit, isShadow: shadow.contains(kind))])
        note(verdict, nil)
        try Self.require(verdict)
    }

    /// Charges token (where there is one), user and tenant for one request: all of them or, where one is used up, none.
    /// Answers what the response's headers say. Throws ``ErrorCode/quotaExceeded``.
    func charge(_ caller: Caller, _ scope: RequestScope) async throws(Refusal) {
        let own = caller.tenant.flatMap { tenants[$0] }
        var charges: [LimitCharge] = []
        func add(_ kind: LimitKind, _ subject: LimitKey.Subject, _ limit: Limit?, _ tenantKind: TenantLimits.Kind) {
            guard let limit else { return }
            let isShadow = shadow.contains(kind) || own?.shadow.contains(tenantKind) == true
            charges.append(LimitCharge(LimitKey(kind, subject), limit, isShadow: isShadow))
        }
        if let token = caller.token {
            add(.token, Self.subject(of: token.id.uuid), Self.limit(of: token, within: limit(.token, own, .token)), .token)
        }
        add(.user, Self.subject(of: caller, own), limit(.user, own, .user), .user)
        if let tenant = caller.tenant { add(.tenant, Self.subject(of: tenant.uuid), limit(.tenant, own, .tenant), .tenant) }
        if charges.isEmpty { return }
        let verdict = await limiter.admit(charges)
        note(verdict, caller)
        if !verdict.states.isEmpty { scope.rateLimits = Self.fields(of: verdict) }
        try Self.require(verdict)
    }

    /// What holds for all; for platform administrators to compare with.
    package func standard(_ kind: TenantLimits.Kind) -> TokenRate? {
        LimitKind(rawValue: kind.rawValue).flatMap { table[$0] }.map { TokenRate(requests: $0.requests, windowSeconds: $0.window) }
    }

    /// The tenant's own limit, or the one that holds for all.
    private func limit(_ kind: LimitKind, _ own: TenantLimits?, _ tenantKind: TenantLimits.Kind) -> Limit? {
        own?.rates[tenantKind].flatMap { Limit(requests: $0.requests, window: $0.windowSeconds) } ?? table[kind]
    }

    /// The token's own limit, which narrows the one that holds for all and never widens it.
    private static func limit(of token: TokenProof, within standard: Limit?) -> Limit? {
        guard let rate = token.breadth.rateLimit, let own = Limit(requests: rate.requests, window: rate.windowSeconds) else { return standard }
        guard let standard else { return own }
        return rate.isWithin(TokenRate(requests: standard.requests, windowSeconds: standard.window)) ? own : standard
    }

    /// Counts what was decided, and logs what a limit that is only watched would have refused.
    private func note(_ verdict: LimitVerdict, _ caller: Caller?) {
        counters.count(verdict)
        for kind in verdict.shadowed { shadows.note(kind, caller) }
    }

    private static func require(_ verdict: LimitVerdict) throws(Refusal) {
        guard let refused = verdict.refused else { return }
        throw Refusal(
            .quotaExceeded, "The limit \(refused.kind.rawValue) is used up; try again in \(refused.retryAfter) s.", retryAfter: refused.retryAfter)
    }

    /// The user wherever they are. Where the tenant has a limit of its own for users, what they do there is counted by itself: one tenant's
    /// limit must not use up another's.
    private static func subject(of caller: Caller, _ own: TenantLimits?) -> LimitKey.Subject {
        guard own?.rates[.user] != nil, let tenant = caller.tenant else { return subject(of: caller.subject.uuid) }
        return .text("\(tenant):\(caller.subject.uuid.lowercased)")
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
