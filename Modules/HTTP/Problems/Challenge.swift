import Domain

/// The `WWW-Authenticate` header that goes with a refusal (RFC 6750 §3); nil where none belongs.
enum Challenge {
    /// - Parameter usesBasic: the request came with HTTP Basic, where that is taken.
    static func header(for refusal: Refusal, usesBasic: Bool = false) -> String? {
        switch refusal.code {
        case .authenticationRequired, .invalidCredentials: realm
        case .invalidToken where usesBasic: #"Basic realm="tessera""#
        case .invalidToken: realm + #", error="invalid_token", error_description=""# + quotable(refusal.detail) + #"""#
        case .insufficientScope: realm + #", error="insufficient_scope", scope=""# + quotable(refusal.requiredScope ?? "") + #"""#
        case .invalidRequest: realm + #", error="invalid_request""#
        default: nil
        }
    }

    private static let realm = #"Bearer realm="tessera""#

    /// What may stand in `error_description`: %x20-21 / %x23-5B / %x5D-7E.
    private static func quotable(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 >= 0x20 && $0 <= 0x7E && $0 != 0x22 && $0 != 0x5C }, as: UTF8.self)
    }
}
