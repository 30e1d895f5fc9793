import Domain
import Foundation
import Testing

/// The order of tokens: by scopes, expiry, networks and limits.
@Suite struct BreadthTests {
    private static let soon = Date(timeIntervalSince1970: 1_800_000_000)

    private func breadth(
        _ scopes: [String] = ["write"], until end: Date? = soon, in networks: [String] = [], _ rate: TokenRate? = nil
    ) -> TokenBreadth {
        TokenBreadth(scopes: scopes.compactMap { Scope($0) }, expiresAt: end, networks: networks.compactMap { CIDR($0) }, rateLimit: rate)
    }

    @Test func everyBoundCounts() {
        let whole = breadth(
            ["write", "app:deploy", "self:rotate"], in: ["10.0.0.0/8", "2001:db8::/32"], TokenRate(requests: 100, windowSeconds: 60))
        #expect(whole.covers(whole))
        let rate = TokenRate(requests: 100, windowSeconds: 60)
        for narrower in [
            breadth(["read"], in: ["10.1.0.0/16"], rate), breadth(["app:deploy"], in: ["2001:db8:1::/48", "10.2.3.4/32"], rate),
            breadth(["data:write"], until: Self.soon - 1, in: ["10.0.0.0/8"], TokenRate(requests: 10, windowSeconds: 60)),
            breadth(["read"], in: ["10.0.0.0/8"], TokenRate(requests: 100, windowSeconds: 61)),
        ] {
            #expect(whole.covers(narrower))
            #expect(!narrower.covers(whole))
        }
        for other in [
            breadth(["admin"], in: ["10.0.0.0/8"], rate), breadth(["app:other"], in: ["10.0.0.0/8"], rate),
            breadth(until: Self.soon + 1, in: ["10.0.0.0/8"], rate), breadth(until: nil, in: ["10.0.0.0/8"], rate),
            breadth(in: [], rate), breadth(in: ["10.0.0.0/7"], rate), breadth(in: ["10.1.0.0/16", "11.0.0.0/8"], rate),
            breadth(in: ["10.0.0.0/8"], nil), breadth(in: ["10.0.0.0/8"], TokenRate(requests: 100, windowSeconds: 59)),
            breadth(in: ["10.0.0.0/8"], TokenRate(requests: 101, windowSeconds: 1000)),
        ] { #expect(!whole.covers(other)) }
        // What isn't bound covers what is, and never the other way.
        #expect(breadth(until: nil).covers(whole) == false)
        #expect(breadth(["write", "app:deploy", "self:rotate"], until: nil).covers(whole))
    }

    @Test func scopesAreReadStrictly() {
        for name in ["read", "tokens:write", "self:rotate", "app:a", "app:orders.read_all:v2-x", "app:" + String(repeating: "a", count: 60)] {
            #expect(Scope(name)?.description == name)
        }
        for name in [
            "", "Read", "tenant:write", "self:", "self:rotate ", "app:", "app:A", "app:a b", "app:ä", "app:" + String(repeating: "a", count: 61),
            "tokens",
        ] { #expect(Scope(name) == nil, "\(name)") }
        #expect([Scope.app("x")].isWithin(Role.member))
        #expect(![Scope.app("x")].isWithin(Role.viewer))
        #expect([Scope.selfRotation].isWithin(Role.viewer))
        #expect(![Scope.app("x")].isWithin([Scope.coarse(.admin)]))
    }

    @Test func networksAreReadStrictly() throws {
        for (text, written) in [
            ("203.0.113.0/24", "203.0.113.0/24"), ("203.0.113.7", "203.0.113.7/32"), ("2001:DB8::/32", "2001:db8::/32"), ("::1", "::1/128"),
            ("::ffff:203.0.113.0/120", "203.0.113.0/24"), ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"),
        ] { #expect(CIDR(text)?.description == written, "\(text)") }
        for text in [
            "203.0.113.7/24", "203.0.113.0/33", "203.0.113.0/-1", "203.0.113.0/", "203.0.113.0/024", "203.0.113/24", "fe80::1%eth0/64",
            "2001:db8::1/64",
            "2001:db8::/129", "::ffff:203.0.113.0/95", "/24", "", "a/8", "10.0.0.0/8/8", " 10.0.0.0/8", "10.0.0.0 /8",
        ] { #expect(CIDR(text) == nil, "\(text)") }
        let network = try #require(CIDR("2001:db8:0:8000::/49"))
        #expect(network.contains(try #require(IPAddress("2001:db8:0:8001::1"))))
        #expect(!network.contains(try #require(IPAddress("2001:db8:0:7fff::1"))))
        #expect(!network.contains(try #require(IPAddress("10.0.0.1"))))
        #expect(try #require(CIDR("0.0.0.0/0")).contains(try #require(IPAddress("255.255.255.255"))))
        #expect(!(try #require(CIDR("0.0.0.0/0")).contains(try #require(IPAddress("::1")))))
        #expect(try #require(CIDR("10.0.0.0/8")).contains(try #require(IPAddress("::ffff:10.1.2.3"))))
    }
}
