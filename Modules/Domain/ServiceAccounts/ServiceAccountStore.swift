/// Service accounts as the database keeps them; every call sees one tenant only. Each change is stored with its audit entry, whose
/// time is the change's, and only while `actor` still stands as the decision supposed.
package protocol ServiceAccountStore: Sendable {
    /// False: the actor no longer stands so. Throws ``ErrorCode/nameTaken``.
    func insert(_ account: ServiceAccount, by actor: Standing, _ audit: AuditEntry) async throws -> Bool

    func account(_ id: ServiceAccountID, in tenant: TenantID) async throws -> ServiceAccount?

    /// The newest first; `search` is part of the name, in any case.
    func accounts(in tenant: TenantID, search: String?, _ page: PageRequest) async throws -> Page<ServiceAccount>

    /// The account after `change`; nil if it has no longer that version, or the actor no longer stands so.
    /// Throws ``ErrorCode/nameTaken``.
    func update(
        _ account: ServiceAccount, _ change: ServiceAccountChange, by actor: Standing, _ audit: AuditEntry
    ) async throws -> ServiceAccount?

    /// Takes the account out of every list and revokes its tokens for `tokenReason`: one audit entry for it and one for each token.
    /// False: it has no longer that version, or the actor no longer stands so.
    func delete(_ account: ServiceAccount, by actor: Standing, tokenReason: String, _ audit: AuditEntry) async throws -> Bool
}

/// Who acts and as what: what a decision about others rests on.
package struct Standing: Sendable {
    package let id: SubjectID
    package let role: Role

    package init(id: SubjectID, role: Role) {
        self.id = id
        self.role = role
    }
}

extension Principal {
    package var standing: Standing { Standing(id: subject.id, role: role) }
}
