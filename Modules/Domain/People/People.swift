/// What a member may read about their tenant and its people.
package struct People: Sendable {
    private let store: any PeopleStore

    package init(store: any PeopleStore) { self.store = store }

    /// The tenant of `principal`. Throws ``Refusal``.
    package func tenant(as principal: Principal) async throws -> Tenant {
        try principal.require(.tenantRead)
        guard let tenant = try await store.tenant(principal.tenant.id) else { throw Refusal.notFound }
        return tenant
    }

    /// A page of the members, the longest-standing first. Throws ``Refusal``.
    package func members(_ filter: MemberFilter, _ page: PageRequest, as principal: Principal) async throws -> Page<Member> {
        try principal.require(.membersRead)
        return try await store.members(of: principal.tenant.id, filter, page)
    }
}

/// Which members a list shows.
package struct MemberFilter: Sendable {
    /// Part of the name or e-mail, in any case.
    package var search: String?
    package var role: Role?

    package init(search: String? = nil, role: Role? = nil) {
        self.search = search
        self.role = role
    }
}

/// Tenants and members as the database keeps them; every call sees one tenant only.
package protocol PeopleStore: Sendable {
    func tenant(_ id: TenantID) async throws -> Tenant?
    func members(of tenant: TenantID, _ filter: MemberFilter, _ page: PageRequest) async throws -> Page<Member>
}
