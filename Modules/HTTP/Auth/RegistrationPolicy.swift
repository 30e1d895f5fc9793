import Domain

/// Who may make an account (`auth.registration`).
package enum RegistrationPolicy: String, Sendable, CaseIterable {
    case open, invite, closed

    /// Throws ``ErrorCode/forbidden`` unless anyone may.
    func check() throws(Refusal) {
        switch self {
        case .open: return
        case .invite: throw .forbidden("Accounts are made by invitation here.")
        case .closed: throw .forbidden("No accounts are made here.")
        }
    }
}
