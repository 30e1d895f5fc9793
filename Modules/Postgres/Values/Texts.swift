extension String: PostgresEncodable, PostgresDecodable {
    package static var type: OID { .text }
    package static var arrayType: OID { .textArray }
    package func encode(into buffer: inout [UInt8]) { buffer.append(contentsOf: utf8) }
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> String {
        switch type {
        case .text, .varchar, .bpchar, .name, .unknown, .json, .character: bytes.string
        default: throw .wrongType(type)
        }
    }
}

/// `bytea`: bytes as they are. A type of its own, since `[UInt8]` would read as an array.
package struct Bytea: Hashable, Sendable, PostgresEncodable, PostgresDecodable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package static var type: OID { .bytea }
    package static var arrayType: OID { .byteaArray }
    package func encode(into buffer: inout [UInt8]) { buffer.append(contentsOf: bytes) }
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Bytea {
        guard type == .bytea else { throw .wrongType(type) }
        return Bytea(bytes.array)
    }
}

/// `jsonb`: a JSON document in UTF-8. On the wire a version byte, 1, stands in front of it.
package struct JSONB: Hashable, Sendable, PostgresEncodable, PostgresDecodable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package static var type: OID { .jsonb }
    package static var arrayType: OID { .jsonbArray }
    package func encode(into buffer: inout [UInt8]) {
        buffer.append(1)
        buffer.append(contentsOf: bytes)
    }
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> JSONB {
        switch type {
        case .json: return JSONB(bytes.array)
        case .jsonb:
            guard try bytes.bigEndian(UInt8.self) == 1 else { throw .malformed }
            return JSONB(Array(bytes.array.dropFirst()))
        default: throw .wrongType(type)
        }
    }
}
