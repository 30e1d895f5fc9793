/// A statement whose values are bound, never spliced: `"SELECT name FROM tenants WHERE id = \(id)"` sends `$1` and the id.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The text with `$1`, `$2`, … in it.
    package private(set) var text: String
    var parameters = Parameters()

    package init(stringLiteral text: String) { self.text = text }

    package init(stringInterpolation: StringInterpolation) { self = stringInterpolation.sql }

    /// `text` as it stands, for SQL from a trusted file.
    package init(unsafeRaw text: String) { self.text = text }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql: SQL

        package init(literalCapacity: Int, interpolationCount: Int) {
            sql = SQL(unsafeRaw: "")
            sql.text.reserveCapacity(literalCapacity + interpolationCount * 3)
            sql.parameters.reserve(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { sql.text += literal }

        /// Binds a value.
        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
            sql.parameters.append(value)
            appendPlaceholder()
        }

        /// Binds a value, or NULL of its type.
        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            if let value { sql.parameters.append(value) } else { sql.parameters.appendNull(Value.type) }
            appendPlaceholder()
        }

        /// Splices another statement in, its values behind those there are.
        package mutating func appendInterpolation(_ fragment: SQL) {
            sql.text += fragment.text(shiftingPlaceholdersBy: sql.parameters.count)
            sql.parameters.append(fragment.parameters)
        }

        /// Splices an identifier in, quoted.
        package mutating func appendInterpolation(identifier: String) {
            sql.text += "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }

        /// Splices text in as it stands: never anything that came from outside.
        package mutating func appendInterpolation(unsafeRaw text: String) { sql.text += text }

        private mutating func appendPlaceholder() {
            sql.text += "$"
            sql.text += String(sql.parameters.count)
        }
    }

    private func text(shiftingPlaceholdersBy shift: Int) -> String {
        if shift == 0 || parameters.count == 0 { return text }
        var result = ""
        var rest = text[...]
        while let mark = rest.firstIndex(of: "$") {
            result += rest[..<mark]
            let digits = rest[rest.index(after: mark)...].prefix { $0.isASCII && $0.isNumber }
            result += Int(digits).map { "$\($0 + shift)" } ?? "$"
            rest = rest[digits.endIndex...]
        }
        return result + rest
    }
}

/// Values bound to a statement, one behind the other in binary form.
struct Parameters: Sendable {
    private(set) var types: [OID] = []
    private(set) var bytes: [UInt8] = []
    /// Where each value lies in ``bytes``; nil is NULL.
    private(set) var ranges: [Range<Int>?] = []

    var count: Int { types.count }

    mutating func reserve(_ count: Int) {
        types.reserveCapacity(count)
        ranges.reserveCapacity(count)
        bytes.reserveCapacity(count * 16)
    }

    mutating func append<Value: PostgresEncodable>(_ value: Value) {
        let start = bytes.count
        value.encode(into: &bytes)
        types.append(Value.type)
        ranges.append(start..<bytes.count)
    }

    mutating func appendNull(_ type: OID) {
        types.append(type)
        ranges.append(nil)
    }

    mutating func append(_ other: Parameters) {
        let start = bytes.count
        bytes += other.bytes
        types += other.types
        ranges += other.ranges.map { $0.map { $0.lowerBound + start..<$0.upperBound + start } }
    }
}
