import FoundationEssentials
import HTTPTypes
import Hummingbird

/// What a platform's introspector shows in the `Authorization` header: its secret as a bearer token, or its id and secret by HTTP Basic
/// (`client_secret_basic` of RFC 6749 §2.3.1). The form encoding that it asks for leaves both as they are.
struct IntrospectorCredential {
    let secret: String
    /// nil: as a bearer token, which has the id in it.
    let id: String?

    /// nil for every other kind of credential, and for several headers. What is Basic and can't be read is a credential that fits nobody.
    init?(_ request: Request) {
        let values = request.headers[values: .authorization]
        guard values.count == 1 else { return nil }
        if let encoded = BearerToken.credential("basic", in: values[0]) {
            let text = Data(base64Encoded: encoded).flatMap { String(validating: $0, as: UTF8.self) } ?? ""
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            (id, secret) = (String(parts.first ?? ""), String(parts.dropFirst().first ?? ""))
        } else if let bearer = BearerToken.credential("bearer", in: values[0]), bearer.hasPrefix("tsi_") {
            (id, secret) = (nil, bearer)
        } else {
            return nil
        }
    }
}
