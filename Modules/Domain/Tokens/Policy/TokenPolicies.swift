package import FoundationEssentials

/// A tenant's demands on its tokens: read by its members, set by its owners. All functions throw ``Refusal``.
package struct TokenPolicies: Sendable {
    private let store: any TokenPolicyStore
    private let now: Now

    package init(store: any TokenPolicyStore, now: @escaping Now) {
        self.store = store
        self.now = now
    }

    package func policy(as principal: Principal) async throws -> TokenPolicy {
        try principal.require(.tenantRead)
        return try await store.policy(of: principal.tenant.id)
    }

    /// Replaces the policy: it governs the tokens there are from the next use on. Takes an owner's session.
    package func set(_ policy: TokenPolicy, as principal: Principal, from origin: Origin) async throws -> TokenPolicy {
        try principal.requirePerson(from: .owner)
        let audit = AuditEntry(
            .tokenPolicyChanged, of: .tenant(principal.tenant.id), by: principal.auditActor, from: origin, at: now().microseconds,
            changes: policy.summary)
        try await store.setPolicy(policy, of: principal.tenant.id, by: principal.standing, audit)
        return policy
    }

    /// The live tokens that `policy` would no longer take, or take for less, were it set. Takes an owner's session.
    package func preview(_ policy: TokenPolicy, as principal: Principal) async throws -> TokenPolicyPreview {
        try principal.requirePerson(from: .owner)
        let time = now()
        var preview = TokenPolicyPreview(matched: 0, hits: [])
        var position = PageRequest.Position.number(1)
        while true {
            let page = try await store.liveTokens(in: principal.tenant.id, PageRequest(position, limit: 100), at: time)
            let hits = page.items.compactMap { policy.hit($0, at: time) }
            preview.matched += hits.count
            preview.hits += hits.prefix(TokenPolicyPreview.shown - preview.hits.count)
            guard let next = page.next else { return preview }
            position = .after(next)
        }
    }
}

/// What a policy would hit.
package struct TokenPolicyPreview: Sendable {
    package var matched: Int
    /// The first ``shown`` of them, the newest first.
    package var hits: [Hit]

    /// A token, and what a policy has against it.
    package struct Hit: Sendable {
        package let token: APIToken
        package let violations: [TokenPolicy.Violation]
    }

    package static let shown = 100
}

/// A token that works, and what its owner is.
package struct LiveToken: Sendable {
    package let token: APIToken
    package let role: Role

    package init(token: APIToken, role: Role) {
        self.token = token
        self.role = role
    }
}

/// Policies as the database keeps them; every call sees one tenant only.
package protocol TokenPolicyStore: Sendable {
    /// The usual one where none was set.
    func policy(of tenant: TenantID) async throws -> TokenPolicy

    /// Throws ``ErrorCode/forbidden`` if `actor` no longer stands as the decision supposed.
    func setPolicy(_ policy: TokenPolicy, of tenant: TenantID, by actor: Standing, _ audit: AuditEntry) async throws

    /// Tokens that are neither revoked nor expired, the newest first, with their owners' roles; those of owners who are gone are left out.
    func liveTokens(in tenant: TenantID, _ page: PageRequest, at now: Date) async throws -> Page<LiveToken>
}

extension TokenPolicy {
    /// nil: the token is fine.
    fileprivate func hit(_ live: LiveToken, at now: Date) -> TokenPolicyPreview.Hit? {
        var violations = violations(of: live.token.facts, at: now)
        if let ceiling = ceiling(of: live.role), !live.token.breadth.scopes.isWithin(ceiling) { violations.append(.overScoped) }
        return violations.isEmpty ? nil : TokenPolicyPreview.Hit(token: live.token, violations: violations)
    }

    /// For the audit log.
    fileprivate var summary: [String: String?] {
        [
            "maxLifetimeDays": maxLifetimeDays.map(String.init), "requireExpiry": "\(requireExpiry)", "idleDays": idleDays.map(String.init),
            "allowedCidrs": networks.map(\.description).joined(separator: " "), "onExposure": onExposure.rawValue, "onReuse": onReuse.rawValue,
            "allowedScopesByRole": allowedScopesByRole.sorted { $0.key < $1.key }
                .map { "\($0.key.rawValue): \($0.value.map(\.description).joined(separator: " "))" }.joined(separator: "; "),
        ]
    }
}
