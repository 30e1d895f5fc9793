import FoundationEssentials

/// The service accounts of a tenant: made, listed, changed, deleted. All functions throw ``Refusal``; another tenant's account is
/// refused exactly like an unknown one.
///
/// Nobody makes one with a role above their own, nor touches one that has such a role. What widens takes a session.
package struct ServiceAccounts: Sendable {
    private let store: any ServiceAccountStore
    private let now: Now

    /// Why a deleted account's tokens are revoked.
    package static let tokenReason = "service_account_deleted"

    /// How often a decision is made anew because the account changed under it.
    private static let attempts = 3

    package init(store: any ServiceAccountStore, now: @escaping Now) {
        self.store = store
        self.now = now
    }

    /// Makes an account. Takes a session of an admin.
    package func create(
        _ name: String, _ role: Role, as principal: Principal, from origin: Origin, onRetry retry: Retry<ServiceAccount> = .notKept
    ) async throws -> ServiceAccount {
        let person = try principal.requirePerson(from: .admin)
        guard role <= principal.role else { throw Refusal.forbidden("You can't give a role above your own.") }
        let time = now().microseconds
        let account = ServiceAccount(
            reference: .init(id: .timeOrdered(at: time), name: name), tenant: principal.tenant.id, role: role, status: .active,
            createdBy: person.id, createdAt: time, updatedAt: time, version: 1)
        let audit = AuditEntry(
            .serviceAccountCreated, of: .serviceAccount(account.reference.id), by: principal.auditActor, from: origin, at: time,
            changes: ["role": role.rawValue], claim: try retry.claim(account))
        guard try await store.insert(account, by: principal.standing, audit) else { throw Refusal.roleChanged }
        return account
    }

    package func account(_ id: ServiceAccountID, as principal: Principal) async throws -> ServiceAccount {
        try principal.require(.serviceAccountsWrite)
        guard let account = try await store.account(id, in: principal.tenant.id) else { throw Refusal.notFound }
        return account
    }

    /// A page of the accounts, the newest first.
    package func accounts(search: String?, _ page: PageRequest, as principal: Principal) async throws -> Page<ServiceAccount> {
        try principal.require(.serviceAccountsWrite)
        return try await store.accounts(in: principal.tenant.id, search: search, page)
    }

    /// Renames, gives another role, disables or enables. A higher role or enabling takes a session. What is so already changes nothing.
    package func update(
        _ id: ServiceAccountID, _ change: ServiceAccountChange, as principal: Principal, from origin: Origin, if precondition: Precondition = .none
    ) async throws -> ServiceAccount {
        for _ in 0..<Self.attempts {
            let account = try await reachable(id, principal)
            try precondition.check(account.version)
            if let role = change.role {
                guard role <= principal.role else { throw Refusal.forbidden("You can't give a role above your own.") }
                if role > account.role { try principal.requirePerson() }
            }
            if change.status == .active, account.status != .active { try principal.requirePerson() }
            let changes = change.differences(from: account)
            if changes.isEmpty { return account }
            let audit = AuditEntry(
                .serviceAccountChanged, of: .serviceAccount(id), by: principal.auditActor, from: origin, at: now().microseconds, changes: changes)
            if let changed = try await store.update(account, change, by: principal.standing, audit) { return changed }
        }
        throw Self.contended(id)
    }

    /// Deletes an account; its tokens are revoked with it.
    package func delete(_ id: ServiceAccountID, as principal: Principal, from origin: Origin) async throws {
        for _ in 0..<Self.attempts {
            let account = try await reachable(id, principal)
            let audit = AuditEntry(
                .serviceAccountDeleted, of: .serviceAccount(id), by: principal.auditActor, from: origin, at: now().microseconds,
                changes: ["role": account.role.rawValue])
            if try await store.delete(account, by: principal.standing, tokenReason: Self.tokenReason, audit) { return }
        }
        throw Self.contended(id)
    }

    private func reachable(_ id: ServiceAccountID, _ principal: Principal) async throws -> ServiceAccount {
        let account = try await account(id, as: principal)
        try account.requireReach(of: principal)
        return account
    }

    private static func contended(_ id: ServiceAccountID) -> Refusal {
        .unavailable("service account \(id) or the role of who changes it changed under \(attempts) decisions in a row")
    }
}

extension ServiceAccountChange {
    /// For the audit log: what it sets that isn't so already.
    fileprivate func differences(from account: ServiceAccount) -> [String: String?] {
        var changes: [String: String?] = [:]
        if let name, name != account.reference.name { changes["name"] = "changed" }
        if let role, role != account.role { changes["role"] = "\(account.role.rawValue) → \(role.rawValue)" }
        if let status, status != account.status { changes["status"] = status.rawValue }
        return changes
    }
}

extension Refusal {
    /// Between the request's authentication and its change.
    package static var roleChanged: Refusal { .forbidden("Your role has changed, or the token that asks was ended: look what it is now.") }
}
