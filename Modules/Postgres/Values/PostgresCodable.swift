/// A value that can be bound to a statement, in PostgreSQL's binary format.
package protocol PostgresEncodable: Sendable {
    /// The type the parameter is declared as.
    static var type: OID { get }
    /// The type of an array of these.
    static var arrayType: OID { get }
    /// Appends the value's binary form.
    func encode(into buffer: inout [UInt8])
}

/// A value that can be read from a result, in PostgreSQL's binary format.
package protocol PostgresDecodable: Sendable {
    /// The value that `bytes` hold for a column of `type`.
    static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Self
    /// What NULL means; by default a fault.
    static func decodeNull() throws(DecodingFault) -> Self
}

extension PostgresDecodable {
    package static func decodeNull() throws(DecodingFault) -> Self { throw .unexpectedNull }
}

/// Why a cell could not be read as the type asked for.
package enum DecodingFault: Error, Sendable {
    case unexpectedNull
    case wrongType(OID)
    case malformed
    case columnCount(Int)
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Self { try Wrapped.decode(bytes, as: type) }
    package static func decodeNull() throws(DecodingFault) -> Self { nil }
}
