/// `inet` or `cidr`: an IPv4 or IPv6 address with the length of its network prefix.
package struct InetAddress: Hashable, Sendable, PostgresEncodable, PostgresDecodable {
    /// 4 or 16 bytes in network order.
    package let bytes: [UInt8]
    /// Bits: 0–32 or 0–128.
    package let prefixLength: Int
    /// A network (`cidr`), not a host.
    package let isNetwork: Bool

    /// nil unless `bytes` are 4 or 16 and the prefix fits them; without `prefixLength` it is the whole address.
    package init?(bytes: [UInt8], prefixLength: Int? = nil, isNetwork: Bool = false) {
        guard bytes.count == 4 || bytes.count == 16, (0...bytes.count * 8).contains(prefixLength ?? 0) else { return nil }
        self.bytes = bytes
        self.prefixLength = prefixLength ?? bytes.count * 8
        self.isNetwork = isNetwork
    }

    package static var type: OID { .inet }
    package static var arrayType: OID { .inetArray }

    /// `src/backend/utils/adt/network.c`: family (2 = IPv4, 3 = IPv6), bits, is cidr, length, address.
    package func encode(into buffer: inout [UInt8]) {
        buffer += [bytes.count == 4 ? 2 : 3, UInt8(prefixLength), isNetwork ? 1 : 0, UInt8(bytes.count)] + bytes
    }

    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> InetAddress {
        guard type == .inet || type == .cidr else { throw .wrongType(type) }
        let all = bytes.array
        guard all.count >= 8, all.count == 4 + Int(all[3]),
            let address = InetAddress(bytes: Array(all[4...]), prefixLength: Int(all[1]), isNetwork: type == .cidr)
        else { throw .malformed }
        return address
    }
}
