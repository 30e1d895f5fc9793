import CLibPQ

extension SQL {
    /// Puts `Parse` into libpq's buffer.
    func prepare(as name: String, on connection: OpaquePointer) -> Bool {
        let types = parameters.types.map(\.rawValue)
        return unsafe PQsendPrepare(connection, name, text, Int32(types.count), types) == 1
    }

    /// Puts `Bind` and `Execute` of a prepared statement into libpq's buffer, parameters and results in binary.
    func send(prepared name: String, on connection: OpaquePointer) -> Bool {
        unsafe parameters.withPointers { count, values, lengths, formats in
            unsafe PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1) == 1
        }
    }

    /// Puts `Parse`, `Bind` and `Execute` without a name into libpq's buffer.
    func sendUnnamed(on connection: OpaquePointer) -> Bool {
        let types = parameters.types.map(\.rawValue)
        return unsafe parameters.withPointers { count, values, lengths, formats in
            unsafe PQsendQueryParams(connection, text, count, types, values, lengths, formats, 1) == 1
        }
    }
}

extension Parameters {
    /// Lends what libpq wants of the values: pointers, lengths, and 1 for binary each.
    fileprivate func withPointers(
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> Bool
    ) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            let values = unsafe ranges.map { range -> UnsafePointer<CChar>? in
                guard let range else { return nil }
                // An empty value is not NULL: it needs a pointer to somewhere.
                guard let base = buffer.baseAddress else { return unsafe Self.empty }
                return unsafe (base + range.lowerBound).assumingMemoryBound(to: CChar.self)
            }
            let lengths = ranges.map { Int32($0?.count ?? 0) }
            return unsafe body(Int32(ranges.count), values, lengths, Array(repeating: 1, count: ranges.count))
        }
    }

    /// Where values of no bytes point to. Never written, never freed.
    private static nonisolated(unsafe) let empty: UnsafePointer<CChar> = {
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        unsafe pointer.initialize(to: 0)
        return unsafe UnsafePointer(pointer)
    }()
}
