extension RawSpan {
    /// The big-endian integer at `offset`. Throws ``DecodingFault/malformed`` where it doesn't fit.
    func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type = Value.self, at offset: Int = 0) throws(DecodingFault) -> Value {
        guard offset >= 0, offset + MemoryLayout<Value>.size <= byteCount else { throw .malformed }
        return unsafe Value(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// Exactly one big-endian integer.
    func only<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type = Value.self) throws(DecodingFault) -> Value {
        guard byteCount == MemoryLayout<Value>.size else { throw .malformed }
        return try bigEndian(Value.self)
    }

    /// A copy of the bytes.
    var array: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }

    /// The bytes as text; a server whose encoding is UTF-8 sends nothing else.
    var string: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
