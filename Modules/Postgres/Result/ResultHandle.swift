import CLibPQ

/// Owns a `PGresult`.
///
/// `@unchecked Sendable`: a result is read-only once it was received and may be read from any thread (libpq, "Behavior in
/// Threaded Programs").
@safe final class ResultHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe PQclear(pointer) }

    var rowCount: Int { unsafe Int(PQntuples(pointer)) }
    var columnCount: Int { unsafe Int(PQnfields(pointer)) }

    /// Rows that the statement touched, from its command tag.
    var affected: Int { unsafe PQcmdTuples(pointer).flatMap { unsafe Int(String(cString: $0)) } ?? 0 }

    /// The command tag, e.g. `COMMIT` or `INSERT 0 1`.
    var tag: String { unsafe String(cString: PQcmdStatus(pointer)) }

    func name(ofColumn column: Int) -> String {
        unsafe PQfname(pointer, Int32(column)).map { unsafe String(cString: $0) } ?? "?"
    }

    func decode<Value: PostgresDecodable>(_: Value.Type, row: Int, column: Int) throws(DecodingFault) -> Value {
        let (row, column) = (Int32(row), Int32(column))
        if unsafe PQgetisnull(pointer, row, column) != 0 { return try Value.decodeNull() }
        let bytes = unsafe UnsafeRawBufferPointer(start: PQgetvalue(pointer, row, column), count: Int(PQgetlength(pointer, row, column)))
        return unsafe try Value.decode(bytes.bytes, as: OID(rawValue: PQftype(pointer, column)))
    }
}
