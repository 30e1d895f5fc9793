package import Domain
import HTTPTypes
import Hummingbird

/// The proxies whose word about where a request comes from is taken (`http.trustedProxies`).
package struct TrustedProxies: Sendable {
    private let networks: [CIDR]

    package init(_ networks: [CIDR]) { self.networks = networks }

    func trust(_ address: IPAddress) -> Bool { networks.contain(address) }

    /// Where `request` comes from: the peer, or where that is a trusted proxy, the right-most address of `X-Forwarded-For` that isn't one.
    /// Everything to the left of that is the client's own word. A value that is no address ends the search at the last one known.
    func client(of request: Request, peer: IPAddress?) -> IPAddress? {
        guard var client = peer, trust(client) else { return peer }
        let hops = request.headers[values: .xForwardedFor].joined(separator: ",").split(separator: ",")
        for hop in hops.reversed() {
            guard let address = Self.address(in: hop) else { break }
            client = address
            if !trust(address) { break }
        }
        return client
    }

    /// An address, which some proxies write with its port.
    private static func address(in hop: Substring) -> IPAddress? {
        let text = hop.trimmingPrefix { $0 == " " }.prefix { $0 != " " }
        if let address = IPAddress(text) { return address }
        if text.first == "[", let end = text.firstIndex(of: "]") { return IPAddress(text[..<end].dropFirst()) }
        return text.count { $0 == ":" } == 1 ? IPAddress(text.prefix { $0 != ":" }) : nil
    }
}
