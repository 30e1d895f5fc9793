import Domain
import HTTPTypes
import Hummingbird

/// The credential in the `Authorization` header (RFC 6750 §2.1): the only place where one is looked for.
struct BearerToken {
    let text: String

    /// Throws ``ErrorCode/authenticationRequired`` where there is none, ``ErrorCode/invalidRequest`` where there are two.
    init(_ request: Request) throws(Refusal) {
        var found: String?
        for field in request.headers where field.name == .authorization {
            if found != nil { throw Refusal(.invalidRequest, "There must be one Authorization header, not several.") }
            found = field.value
        }
        guard let found, let credential = Self.credential("bearer", in: found) else {
            throw .authenticationRequired
        }
        text = credential
    }

    /// What stands behind `scheme`, a word in lower case that may be sent in any case (RFC 9110 §11.1); nil for another scheme.
    static func credential(_ scheme: String, in value: String) -> String? {
        let shown = value.utf8.prefix(scheme.utf8.count + 1)
        guard shown.dropLast().elementsEqual(scheme.utf8, by: { $0 | 0x20 == $1 }), shown.last == UInt8(ascii: " ") else { return nil }
        let rest = value.utf8.dropFirst(shown.count).drop { $0 == UInt8(ascii: " ") }
        return rest.isEmpty ? nil : String(rest)
    }
}

extension Refusal {
    /// There is no credential.
    static var authenticationRequired: Refusal {
        Refusal(.authenticationRequired, "Send a session's access token or an API token as Authorization: Bearer ….")
    }
}
