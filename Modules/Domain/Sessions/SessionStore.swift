package import FoundationEssentials

/// A person's live sessions.
package protocol SessionStore: Sendable {
    /// Newest first.
    func sessions(of user: UserID, _ page: PageRequest, at now: Date) async throws -> Page<SessionSummary>

    /// False: there is no such live session of that person.
    func end(_ session: SessionID, of user: UserID, _ audit: AuditEntry, in tenant: TenantID) async throws -> Bool

    /// Ends all of the person's sessions but `kept`.
    func endOthers(than kept: SessionID, of user: UserID, _ audit: AuditEntry, in tenant: TenantID) async throws
}

/// A session as its person sees it.
package struct SessionSummary: Sendable {
    package let id: SessionID
    package let createdAt: Date
    package let lastUsedAt: Date
    package let device: Session.Device

    package init(id: SessionID, createdAt: Date, lastUsedAt: Date, device: Session.Device) {
        self.id = id
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.device = device
    }
}
