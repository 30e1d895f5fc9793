package import FoundationEssentials

extension Principal {
    /// The person at the session that proved this principal. Throws ``ErrorCode/sessionRequired`` for a token.
    @discardableResult
    package func requirePerson() throws(Refusal) -> Person {
        guard let session, let profile = subject.profile else {
            throw Refusal(.sessionRequired, "This takes a session: an API token can't do it, whatever its scopes.")
        }
        return Person(profile: profile, session: session, membership: Membership(tenant: tenant, tenantStatus: .active, role: role))
    }

    /// Throws ``ErrorCode/sessionRequired`` or ``ErrorCode/reauthenticationRequired`` unless this is a session whose password was
    /// given in the last 15 minutes.
    package func requireFresh(at now: Date) throws(Refusal) { try requirePerson().requireFresh(at: now) }

    /// The person, if this is a session of somebody with `role` or a higher one. Throws ``ErrorCode/sessionRequired`` or
    /// ``ErrorCode/forbidden``.
    @discardableResult
    package func requirePerson(from role: Role) throws(Refusal) -> Person {
        let person = try requirePerson()
        guard self.role >= role else { throw .forbidden("This takes the role \(role.rawValue); yours is \(self.role.rawValue).") }
        return person
    }
}
