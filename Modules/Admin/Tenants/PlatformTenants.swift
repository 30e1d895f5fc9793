package import Domain
import FoundationEssentials

/// What platform administrators do about tenants. All functions throw ``Refusal``; changes take a fresh session.
package struct PlatformTenants: Sendable {
    private let store: any PlatformTenantStore
    private let now: Now

    package init(store: any PlatformTenantStore, now: @escaping Now) {
        self.store = store
        self.now = now
    }

    /// A page of all tenants, the newest first.
    package func tenants(_ filter: PlatformTenantFilter, _ page: PageRequest, as person: Person) async throws -> Page<Tenant> {
        try person.requirePlatformAdmin()
        return try await store.tenants(filter, page)
    }

    package func tenant(_ id: TenantID, as person: Person) async throws -> Tenant {
        try person.requirePlatformAdmin()
        guard let tenant = try await store.tenant(id) else { throw Refusal.notFound }
        return tenant
    }

    /// Makes a tenant. The account that has confirmed the owner's e-mail owns it at once; otherwise an invitation is mailed there.
    package func create(
        name: String, slug wanted: Slug?, ownerEmail: EmailAddress, as person: Person, from origin: Origin, onRetry retry: Retry<Tenant> = .notKept
    ) async throws -> Tenant {
        let time = try person.timeOfPlatformChange(now)
        return try await Slug.claim(wanted, for: name, member: "slug") { slug in
            let tenant = Tenant.Reference(id: .timeOrdered(at: time), slug: slug.text, name: name)
            let invitation = Invitation(
                id: .timeOrdered(at: time), tenant: tenant.id, email: ownerEmail.text, role: .owner, createdBy: person.id, createdAt: time,
                expiresAt: time.addingTimeInterval(Invitation.lifetime))
            let made = Tenant(reference: tenant, status: .active, createdAt: time, version: 1)
            let audit = AuditEntry(
                .tenantCreated, of: .tenant(tenant.id), by: .user(person.id), from: origin, at: time, claim: try retry.claim(made))
            try await store.create(tenant, owner: invitation, audit)
            return made
        }
    }

    /// Suspends a tenant, whose members and tokens are refused from now on, or lets it go on.
    package func setStatus(
        of tenant: TenantID, to status: SettableStatus, as person: Person, from origin: Origin, if precondition: Precondition = .none
    ) async throws -> Tenant {
        let audit = AuditEntry(
            status == .active ? .tenantResumed : .tenantSuspended, of: .tenant(tenant), by: .user(person.id), from: origin,
            at: try person.timeOfPlatformChange(now))
        guard let changed = try await store.setStatus(of: tenant, to: status.status, if: precondition, audit) else { throw Refusal.notFound }
        return changed
    }

    /// Ends a tenant: its sessions and tokens are refused from now on.
    package func delete(_ tenant: TenantID, as person: Person, from origin: Origin) async throws {
        let audit = AuditEntry(.tenantDeleted, of: .tenant(tenant), by: .user(person.id), from: origin, at: try person.timeOfPlatformChange(now))
        guard try await store.setStatus(of: tenant, to: .deleted, if: .none, audit) != nil else { throw Refusal.notFound }
    }

    /// What a tenant can be set to; deleting is for good, and has a request of its own.
    package enum SettableStatus: String, Sendable, CaseIterable {
        case active, suspended

        fileprivate var status: Tenant.Status {
            switch self {
            case .active: .active
            case .suspended: .suspended
            }
        }
    }
}
