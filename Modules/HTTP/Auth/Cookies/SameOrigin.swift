import Domain
import HTTPTypes
import Hummingbird

/// Whether a browser's request comes from a page of ours. A cookie proves nothing about who made the request, so whatever sets or
/// reads one asks for this: `Sec-Fetch-Site` (W3C Fetch Metadata §2.4), or from older browsers an `Origin` equal to ours.
package struct SameOrigin: Sendable {
    private let publicURL: String

    /// - Parameter publicURL: where people find the product; the address that the request was sent to counts as well.
    package init(publicURL: String) { self.publicURL = publicURL }

    /// Throws ``ErrorCode/forbidden`` otherwise, and where the request doesn't say.
    func check(_ request: Request) throws(Refusal) {
        let origin = request.headers[.origin]
        switch request.headers[.secFetchSite] {
        case "same-origin"?: return
        case nil where origin != nil && isOurs(origin ?? "", request): return
        default: throw .forbidden("Cookies are for pages of this very origin: Sec-Fetch-Site or Origin must say so.")
        }
    }

    private func isOurs(_ origin: String, _ request: Request) -> Bool {
        if origin == publicURL || publicURL.hasPrefix(origin + "/") { return true }
        guard let host = request.head.authority, !host.isEmpty else { return false }
        return origin == "http://" + host || origin == "https://" + host
    }
}
