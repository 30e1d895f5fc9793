/// What one statement answered.
package struct Rows: Sendable, RandomAccessCollection {
    private let handle: ResultHandle?
    package let endIndex: Int

    init(_ handle: ResultHandle) {
        self.handle = handle
        endIndex = handle.rowCount
    }

    /// The answer of a statement without any.
    package static let none = Rows()

    private init() {
        handle = nil
        endIndex = 0
    }

    package var startIndex: Int { 0 }

    package subscript(position: Int) -> Row {
        guard let handle, position < endIndex else { preconditionFailure("row \(position) of \(endIndex)") }
        return Row(handle: handle, index: position)
    }

    /// Rows that the statement inserted, updated, deleted or selected.
    package var affected: Int { handle?.affected ?? 0 }

    /// The command tag, e.g. `COMMIT` or `INSERT 0 1`.
    var tag: String { handle?.tag ?? "" }

    /// Every row as a tuple of these types. Throws ``PostgresError`` of kind `decoding`.
    package func decode<each Value: PostgresDecodable>(_ types: repeat (each Value).Type) throws -> [(repeat each Value)] {
        try map { try $0.decode(repeat each types) }
    }
}

extension Rows {
    /// Every row of one column. Throws ``PostgresError`` of kind `decoding`.
    package func decode<Value: PostgresDecodable>(_ type: Value.Type) throws -> [Value] { try map { try $0.decode(type) } }
}

/// One row of ``Rows``.
package struct Row: Sendable {
    let handle: ResultHandle
    let index: Int

    /// The columns, in order and all of them, as these types. Throws ``PostgresError`` of kind `decoding` that names the column.
    package func decode<each Value: PostgresDecodable>(_ types: repeat (each Value).Type) throws -> (repeat each Value) {
        var columns = ColumnReader(row: self)
        let values = (repeat try columns.next(each types))
        try columns.finish()
        return values
    }
}

/// Walks over the columns of a row.
private struct ColumnReader {
    let row: Row
    var column = 0

    mutating func next<Value: PostgresDecodable>(_ type: Value.Type) throws -> Value {
        defer { column += 1 }
        guard column < row.handle.columnCount else { throw PostgresError(.decoding, message: "the row has only \(column) columns") }
        do {
            return try row.handle.decode(type, row: row.index, column: column)
        } catch {
            throw PostgresError(.decoding, message: "column \(row.handle.name(ofColumn: column)) as \(type): \(error)")
        }
    }

    func finish() throws {
        if column != row.handle.columnCount {
            throw PostgresError(.decoding, message: "the row has \(row.handle.columnCount) columns, not \(column)")
        }
    }
}
