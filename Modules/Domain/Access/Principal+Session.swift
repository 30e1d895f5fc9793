package import FoundationEssentials

extension Principal {
    /// Throws ``ErrorCode/sessionRequired`` or ``ErrorCode/reauthenticationRequired`` unless this is a session whose password was
    /// given in the last 15 minutes.
    package func requireFresh(at now: Date) throws(Refusal) {
        guard let session else { throw .sessionNeeded }
        guard session.isFresh(at: now) else {
            throw Refusal(
                .reauthenticationRequired, "This takes a session whose password was given in the last 15 minutes: POST /api/v1/auth/reauthenticate.")
        }
    }
}

extension Principal {
    /// Throws ``ErrorCode/sessionRequired`` or ``ErrorCode/forbidden`` unless this is a session of somebody with `role` or a higher one.
    package func requireSession(from role: Role) throws(Refusal) {
        guard session != nil else { throw .sessionNeeded }
        guard self.role >= role else { throw .forbidden("This takes the role \(role.rawValue); yours is \(self.role.rawValue).") }
    }
}

extension Refusal {
    package static var sessionNeeded: Refusal {
        Refusal(.sessionRequired, "This takes a session: an API token can't do it, whatever its scopes.")
    }
}
