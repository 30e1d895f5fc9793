import Postgres
import Testing

@Suite(.ownDatabase) struct InetAddressTests {
    @Test(
        arguments: [
            ([192, 0, 2, 7], nil, "192.0.2.7"), ([0, 0, 0, 0], 0, "0.0.0.0/0"), ([10, 1, 2, 3], 8, "10.1.2.3/8"),
            ([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], nil, "2001:db8::1"),
            ([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 10, "fe80::/10"),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7], nil, "::ffff:192.0.2.7"),
        ] as [([UInt8], Int?, String)])
    func anAddressIsTheServersAddress(bytes: [UInt8], prefix: Int?, text: String) async throws {
        let connection = try await SuiteDatabase.required().connect()
        let address = try #require(InetAddress(bytes: bytes, prefixLength: prefix))
        let (back, agrees, read) = try await connection.query("SELECT \(address), \(address) = \(text)::inet, \(text)::inet").decode(
            InetAddress.self, Bool.self, InetAddress.self)[0]
        #expect(back == address && agrees && read == address)
        await connection.close()
    }

    @Test func aNetworkSaysThatItIsOne() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let network = try await connection.query("SELECT '10.0.0.0/8'::cidr").only(InetAddress.self)
        #expect(network == InetAddress(bytes: [10, 0, 0, 0], prefixLength: 8, isNetwork: true))
        #expect(try await connection.query("SELECT \(network)::cidr = '10.0.0.0/8'::cidr").only(Bool.self))
        await connection.close()
    }

    @Test func impossibleAddressesCannotBeMade() {
        #expect(InetAddress(bytes: []) == nil)
        #expect(InetAddress(bytes: [1, 2, 3]) == nil)
        #expect(InetAddress(bytes: [1, 2, 3, 4], prefixLength: 33) == nil)
        #expect(InetAddress(bytes: [1, 2, 3, 4], prefixLength: -1) == nil)
    }
}
