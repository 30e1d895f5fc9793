package import NIOCore

/// A thing that can be a line of an export: of CSV by its cells, of NDJSON by its JSON.
package protocol ExportRow: Encodable, Sendable {
    /// The names in CSV's header line.
    static var columns: [String] { get }

    /// As many texts as there are columns; nil is an empty cell.
    var cells: [String?] { get }
}

/// Lines of CSV (RFC 4180 §2), safe to be opened in a spreadsheet.
package enum CSV {
    /// Appends a line with its CRLF.
    package static func append(_ cells: [String?], to buffer: inout ByteBuffer) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
            if let cell { buffer.writeString(escaped(cell)) }
        }
        buffer.writeString("\r\n")
    }

    /// A cell that a spreadsheet could take for a formula is led by an apostrophe and quoted (OWASP, "CSV Injection": `=`, `+`, `-`, `@`, tab,
    /// carriage return and line feed at the beginning; some spreadsheets read the full-width signs the same way).
    static func escaped(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map(dangerous.contains) ?? false
        guard isFormula || text.utf8.contains(where: { quoted.contains($0) }) else { return text }
        return "\"" + (isFormula ? "'" : "") + text.replacing("\"", with: "\"\"") + "\""
    }

    private static let dangerous: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
    private static let quoted = Set("\",;\t\r\n".utf8)
}
