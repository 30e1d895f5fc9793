package import FoundationEssentials

/// A person at a live session, wherever that is: for what they do with their own account, or with the platform.
package struct Person: Sendable {
    package let profile: User.Profile
    package let session: SessionProof
    /// Where the session is; nil: in no tenant.
    package let membership: Membership?

    package init(profile: User.Profile, session: SessionProof, membership: Membership?) {
        self.profile = profile
        self.session = session
        self.membership = membership
    }

    package var id: UserID { profile.id }

    /// Whose audit log tells what the person does with their own account: the tenant's they are in, or the platform's.
    package var realm: TenantID { membership?.tenant.id ?? .platform }

    /// Throws ``ErrorCode/tenantSuspended`` in a suspended tenant.
    package func requireOpenTenant() throws(Refusal) {
        if membership?.tenantStatus == .suspended { throw .tenantSuspended }
    }

    /// Throws ``ErrorCode/reauthenticationRequired`` unless the password was given in the last 15 minutes.
    package func requireFresh(at now: Date) throws(Refusal) {
        guard session.isFresh(at: now) else {
            throw Refusal(
                .reauthenticationRequired, "This takes a session whose password was given in the last 15 minutes: POST /api/v1/auth/reauthenticate.")
        }
    }

    /// Throws ``ErrorCode/forbidden`` unless this is a platform administrator.
    package func requirePlatformAdmin() throws(Refusal) {
        guard session.isPlatformAdmin else { throw .forbidden("This takes a platform administrator.") }
    }
}

extension Refusal {
    package static var tenantSuspended: Refusal { Refusal(.tenantSuspended, "This tenant is suspended.") }
}
