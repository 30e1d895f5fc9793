extension Bool: PostgresEncodable, PostgresDecodable {
    package static var type: OID { .bool }
    package static var arrayType: OID { .boolArray }
    package func encode(into buffer: inout [UInt8]) { buffer.append(self ? 1 : 0) }
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Bool {
        guard type == .bool else { throw .wrongType(type) }
        return try bytes.only(UInt8.self) != 0
    }
}

extension Int16: PostgresEncodable, PostgresDecodable {
    package static var type: OID { .int2 }
    package static var arrayType: OID { .int2Array }
    package func encode(into buffer: inout [UInt8]) { buffer.append(bigEndian: self) }
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Int16 {
        guard type == .int2 else { throw .wrongType(type) }
        return try bytes.only()
    }
}

extension Int32: PostgresEncodable, PostgresDecodable {
    package static var type: OID { .int4 }
    package static var arrayType: OID { .int4Array }
    package func encode(into buffer: inout [UInt8]) { buffer.append(bigEndian: self) }
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Int32 {
        switch type {
        case .int4: try bytes.only()
        case .int2: Int32(try bytes.only(Int16.self))
        default: throw .wrongType(type)
        }
    }
}

extension Int64: PostgresEncodable, PostgresDecodable {
    package static var type: OID { .int8 }
    package static var arrayType: OID { .int8Array }
    package func encode(into buffer: inout [UInt8]) { buffer.append(bigEndian: self) }
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Int64 {
        switch type {
        case .int8: try bytes.only()
        case .int4: Int64(try bytes.only(Int32.self))
        case .int2: Int64(try bytes.only(Int16.self))
        case .oid: Int64(try bytes.only(UInt32.self))
        default: throw .wrongType(type)
        }
    }
}

/// Bound as `int8`; reads every integer type.
extension Int: PostgresEncodable, PostgresDecodable {
    package static var type: OID { .int8 }
    package static var arrayType: OID { .int8Array }
    package func encode(into buffer: inout [UInt8]) { buffer.append(bigEndian: Int64(self)) }
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Int { Int(try Int64.decode(bytes, as: type)) }
}

extension Double: PostgresEncodable, PostgresDecodable {
    package static var type: OID { .float8 }
    package static var arrayType: OID { .float8Array }
    package func encode(into buffer: inout [UInt8]) { buffer.append(bigEndian: bitPattern) }
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Double {
        switch type {
        case .float8: Double(bitPattern: try bytes.only())
        case .float4: Double(Float(bitPattern: try bytes.only()))
        default: throw .wrongType(type)
        }
    }
}
