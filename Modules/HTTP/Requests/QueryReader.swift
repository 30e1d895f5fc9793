package import Domain

/// Reads a query strictly: a parameter that is unknown, repeated or malformed is a fault, and ``finish()`` throws them all.
package struct QueryReader {
    private var values: [String: String] = [:]
    private var asked: Set<String> = []
    private var faults: [FieldFault] = []

    /// Splits `query`, as it stands behind `?`, and percent-decodes it.
    package init(_ query: String?) {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = Self.decoded(parts.count > 1 ? parts[1] : "") else {
                faults.append(FieldFault("?", "invalid", "The query is not valid percent-encoded UTF-8, or has U+0000 in it."))
                continue
            }
            if values.updateValue(value, forKey: name) != nil { fault(name, "repeated", "\(Self.shown(name)) is given more than once.") }
        }
    }

    mutating func fault(_ name: String, _ code: String, _ detail: String) {
        faults.append(FieldFault("?" + Self.shown(name), code, detail))
    }

    /// The parameter's value; nil if it is absent.
    package mutating func string(_ name: String) -> String? {
        asked.insert(name)
        return values[name]
    }

    /// The parameter's value in at most `limit` Unicode scalars.
    package mutating func string(_ name: String, atMost limit: Int) -> String? {
        guard let value = string(name) else { return nil }
        guard (1...limit).contains(value.unicodeScalars.count) else {
            fault(name, "out_of_range", "\(name) must have 1 to \(limit) characters.")
            return nil
        }
        return value
    }

    package mutating func integer(_ name: String, _ bounds: ClosedRange<Int>) -> Int? {
        guard let text = string(name) else { return nil }
        guard (1...19).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text), bounds.contains(number)
        else {
            let range = bounds.upperBound == .max ? "at least \(bounds.lowerBound)" : "from \(bounds.lowerBound) to \(bounds.upperBound)"
            fault(name, "out_of_range", "\(name) must be a whole number, \(range).")
            return nil
        }
        return number
    }

    /// The value that `parse` makes of the parameter; `expected` says what it takes.
    package mutating func value<Value>(_ name: String, expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = string(name) else { return nil }
        guard let value = parse(text) else {
            fault(name, "invalid", "\(name) must be \(expected).")
            return nil
        }
        return value
    }

    package mutating func flag(_ name: String) -> Bool {
        value(name, expected: "true or false") { Bool($0) } ?? false
    }

    /// All parameters but `page`, `limit` and `cursor`, percent-encoded and in one order: what a cursor is bound to.
    var filters: String {
        values.filter { !["page", "limit", "cursor"].contains($0.key) }.sorted { $0.key < $1.key }
            .map { "\($0.key.percentEncoded)=\($0.value.percentEncoded)" }.joined(separator: "&")
    }

    /// Throws ``ErrorCode/validationFailed`` with every fault found, and one for each parameter nobody asked for.
    package func finish() throws(Refusal) {
        let unknown = values.keys.filter { !asked.contains($0) }.sorted().map { name in
            FieldFault("?" + Self.shown(name), "unknown_parameter", "There is no such query parameter here.")
        }
        if !(faults.isEmpty && unknown.isEmpty) { throw .invalid(faults + unknown) }
    }

    private static func shown(_ name: String) -> String { BoundedText.header(String(name.prefix(40))) }

    private static func decoded(_ text: some StringProtocol) -> String? {
        String(text).replacing("+", with: " ").removingPercentEncodingStrictly
    }
}

extension String {
    /// The text that this percent-encodes (RFC 3986 §2.1); nil if an escape is broken, or the result no UTF-8 or with U+0000.
    fileprivate var removingPercentEncodingStrictly: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit else { return nil }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(byte)
            }
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension String {
    /// With everything but RFC 3986's unreserved characters (§2.3) percent-encoded.
    fileprivate var percentEncoded: String {
        var encoded: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: encoded.append(byte)
            default: encoded += [37, Self.hexDigits[Int(byte >> 4)], Self.hexDigits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)
}

extension UInt8 {
    fileprivate var hexDigit: UInt8? {
        switch self {
        case 48...57: self - 48
        case 65...70: self - 55
        case 97...102: self - 87
        default: nil
        }
    }
}
