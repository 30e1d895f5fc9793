package import FoundationEssentials

extension UUID: PostgresEncodable, PostgresDecodable {
    package static var type: OID { .uuid }
    package static var arrayType: OID { .uuidArray }

    package func encode(into buffer: inout [UInt8]) {
        let u = uuid
        buffer.append(contentsOf: [u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15])
    }

    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> UUID {
        guard type == .uuid else { throw .wrongType(type) }
        guard bytes.byteCount == 16 else { throw .malformed }
        return unsafe UUID(uuid: bytes.unsafeLoadUnaligned(as: uuid_t.self))
    }
}

extension UUID: PostgresArrayElement {}
