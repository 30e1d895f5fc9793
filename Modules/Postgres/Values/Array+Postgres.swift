/// One-dimensional arrays: dimensions, has-null flag, element type, then for the dimension its length and lower bound, then each
/// element with its length, -1 for NULL (`src/backend/utils/adt/arrayfuncs.c`, `array_send`).
extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package static var type: OID { Element.arrayType }
    package static var arrayType: OID { Element.arrayType }

    package func encode(into buffer: inout [UInt8]) {
        buffer.append(bigEndian: Int32(isEmpty ? 0 : 1))
        buffer.append(bigEndian: Int32(contains(where: \.isNull) ? 1 : 0))
        buffer.append(bigEndian: Element.elementType.rawValue)
        if isEmpty { return }
        buffer.append(bigEndian: Int32(count))
        buffer.append(bigEndian: Int32(1))
        for element in self {
            if element.isNull {
                buffer.append(bigEndian: Int32(-1))
            } else {
                let start = buffer.count
                buffer.append(bigEndian: Int32(0))
                element.encodeElement(into: &buffer)
                let length = UInt32(buffer.count - start - 4)
                for index in 0..<4 { buffer[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - index * 8)) }
            }
        }
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> [Element] {
        guard type.isArray else { throw .wrongType(type) }
        let dimensions = try bytes.bigEndian(Int32.self)
        let elementType = OID(rawValue: try bytes.bigEndian(UInt32.self, at: 8))
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw .wrongType(type) }
        let count = Int(try bytes.bigEndian(Int32.self, at: 12))
        guard count >= 0 else { throw .malformed }
        var elements: [Element] = []
        var offset = 20
        for _ in 0..<count {
            let length = Int(try bytes.bigEndian(Int32.self, at: offset))
            offset += 4
            if length < 0 {
                elements.append(try Element.decodeNull())
            } else {
                guard offset + length <= bytes.byteCount else { throw .malformed }
                elements.append(try Element.decode(bytes.extracting(offset..<offset + length), as: elementType))
                offset += length
            }
        }
        return elements
    }
}

/// What an array may hold: a value, or an optional one.
package protocol PostgresArrayElement: Sendable {
    static var elementType: OID { get }
    static var arrayType: OID { get }
    var isNull: Bool { get }
    func encodeElement(into buffer: inout [UInt8])
}

extension PostgresEncodable where Self: PostgresArrayElement {
    package static var elementType: OID { type }
    package var isNull: Bool { false }
    package func encodeElement(into buffer: inout [UInt8]) { encode(into: &buffer) }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresEncodable & PostgresArrayElement {
    package static var elementType: OID { Wrapped.type }
    package static var arrayType: OID { (Wrapped.self as any PostgresEncodable.Type).arrayType }
    package var isNull: Bool { if case .none = self { true } else { false } }
    package func encodeElement(into buffer: inout [UInt8]) { self?.encode(into: &buffer) }
}

extension Bool: PostgresArrayElement {}
extension Int16: PostgresArrayElement {}
extension Int32: PostgresArrayElement {}
extension Int64: PostgresArrayElement {}
extension Int: PostgresArrayElement {}
extension Double: PostgresArrayElement {}
extension String: PostgresArrayElement {}
extension Bytea: PostgresArrayElement {}
extension JSONB: PostgresArrayElement {}
extension InetAddress: PostgresArrayElement {}
