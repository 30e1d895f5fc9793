package import FoundationEssentials

extension Principal {
    /// The session that proved this principal. Throws ``ErrorCode/sessionRequired`` for a token.
    @discardableResult
    package func requireSession() throws(Refusal) -> SessionProof {
        guard let session else { throw .sessionNeeded }
        return session
    }

    /// Throws ``ErrorCode/sessionRequired`` or ``ErrorCode/reauthenticationRequired`` unless this is a session whose password was
    /// given in the last 15 minutes.
    package func requireFresh(at now: Date) throws(Refusal) {
        let session = try requireSession()
        guard session.isFresh(at: now) else {
            throw Refusal(
                .reauthenticationRequired, "This takes a session whose password was given in the last 15 minutes: POST /api/v1/auth/reauthenticate.")
        }
    }

    /// Throws ``ErrorCode/sessionRequired`` or ``ErrorCode/forbidden`` unless this is a session of somebody with `role` or a higher one.
    package func requireSession(from role: Role) throws(Refusal) {
        try requireSession()
        guard self.role >= role else { throw .forbidden("This takes the role \(role.rawValue); yours is \(self.role.rawValue).") }
    }
}

extension Refusal {
    fileprivate static var sessionNeeded: Refusal {
        Refusal(.sessionRequired, "This takes a session: an API token can't do it, whatever its scopes.")
    }
}
