package import Domain

/// Finds out whether a credential is that of a platform's introspector. What isn't gets one answer for all cases.
package struct IntrospectorAuthenticator: Sendable {
    private let credentials: any CredentialStore

    package init(credentials: any CredentialStore) { self.credentials = credentials }

    /// The introspector whose secret this is, asked of the database each time: a revoked one is dead at once.
    ///
    /// - Parameter claim: the id that was sent beside the secret; nil where none was.
    /// Throws ``Refusal``: ``ErrorCode/invalidToken``, or ``ErrorCode/serviceUnavailable`` where that can't be found out.
    package func authenticate(_ secret: String, claiming claim: String?) async throws(Refusal) -> IntrospectorID {
        guard let shown = IntrospectorFormat.parse(secret), claim.map({ IntrospectorID($0) == shown.id }) ?? true else { throw Self.unproven }
        let stored: HashedToken?
        do {
            stored = try await credentials.introspector(shown.id)
        } catch {
            throw error as? Refusal ?? .unavailable("verification: \(String(reflecting: error))")
        }
        guard let stored, stored.matches(shown.hash) else { throw Self.unproven }
        return shown.id
    }

    private static var unproven: Refusal {
        Refusal(.invalidToken, "The introspector's credential is unknown, malformed or no longer valid.")
    }
}
