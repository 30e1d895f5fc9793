package import Domain

/// Who was recognised where a request may come from anyone.
package enum Recognition: Sendable {
    /// No credential was sent.
    case nobody
    case caller(Caller)
    /// One was sent, and it is no good.
    case refused(Refusal)

    /// nil: no credential was sent. Throws the refusal of one that is no good, and ``ErrorCode/sessionRequired`` for a token.
    package func person() throws(Refusal) -> Person? {
        switch self {
        case .nobody: return nil
        case .caller(let caller): return try caller.person()
        case .refused(let refusal): throw refusal
        }
    }

    /// nil as well for what is no good.
    package var personIfAny: Person? { (try? person()) ?? nil }
}
