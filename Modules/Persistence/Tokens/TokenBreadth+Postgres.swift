import Domain
import FoundationEssentials
import Postgres

extension TokenBreadth {
    /// What the columns of a token say. A scope that isn't known any more gives nothing.
    init(scopes: [String], expiresAt: Date?, networks: [InetAddress], requests: Int?, window: Int?) {
        var rateLimit: TokenRate?
        if let requests, let window { rateLimit = TokenRate(requests: requests, windowSeconds: window) }
        self.init(
            scopes: scopes.compactMap(Scope.init), expiresAt: expiresAt, networks: networks.compactMap(CIDR.init), rateLimit: rateLimit)
    }
}

extension CIDR {
    init?(_ network: InetAddress) {
        guard let address = IPAddress(bytes: network.bytes) else { return nil }
        self.init(address, prefixLength: network.prefixLength)
    }

    /// As `cidr`.
    var network: InetAddress? { InetAddress(bytes: address.bytes, prefixLength: prefixLength, isNetwork: true) }
}
