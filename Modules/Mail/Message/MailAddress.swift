/// Who sends or receives a message. What can't stand in a header or a command doesn't get this far.
package struct MailAddress: Hashable, Sendable {
    /// Shown beside the address; nil if there is none.
    package let name: String?
    /// `local@domain`, ASCII or not (RFC 6531), at most 254 bytes.
    package let address: String

    /// - Parameters:
    ///   - name: any text without control characters and line separators, up to 256 bytes; an empty one counts as none.
    ///   - address: a dot-atom, `@` and a host name (RFC 5322 §3.4.1, RFC 5321 §4.5.3.1). Quoted local parts and address literals,
    ///     which hardly any server delivers to, are refused.
    /// - Throws: ``MailFailure/malformedAddress(_:)``, which doesn't quote the address.
    package init(name: String? = nil, address: String) throws(MailFailure) {
        if let name {
            guard !name.unicodeScalars.contains(where: \.isControl) else { throw .malformedAddress("control characters in the name") }
            guard name.utf8.count <= 256 else { throw .malformedAddress("the name is longer than 256 bytes") }
        }
        guard address.utf8.count <= 254 else { throw .malformedAddress("longer than 254 bytes") }
        let parts = address.unicodeScalars.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw .malformedAddress("not exactly one @") }
        guard (1...64).contains(parts[0].utf8.count), Self.labels(of: parts[0]).allSatisfy(Self.isAtom) else {
            throw .malformedAddress("the part before @ is not a dot-atom of 1 to 64 bytes")
        }
        guard Self.labels(of: parts[1]).allSatisfy(Self.isHostLabel) else { throw .malformedAddress("the part after @ is not a host name") }
        self.name = name?.isEmpty == true ? nil : name
        self.address = address
    }

    /// What is behind the `@`.
    var domain: Substring { address.drop { $0 != "@" }.dropFirst() }

    var isASCII: Bool { address.utf8.allSatisfy { $0 < 0x80 } }

    private static func labels(of text: String) -> [Substring.UnicodeScalarView] {
        text[...].unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
    }

    /// RFC 5322 §3.2.3, widened by RFC 6532 §3.2.
    private static func isAtom(_ label: Substring.UnicodeScalarView) -> Bool {
        !label.isEmpty && label.allSatisfy { isLetterOrDigit($0) || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains($0) }
    }

    private static func isHostLabel(_ label: Substring.UnicodeScalarView) -> Bool {
        (1...63).contains(String(label).utf8.count) && label.first != "-" && label.last != "-"
            && label.allSatisfy { isLetterOrDigit($0) || $0 == "-" }
    }

    /// Of whatever script; white space, controls and invisible formatting are none.
    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        case _ where scalar.isASCII: false
        default:
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
            case .decimalNumber, .nonspacingMark, .spacingMark: true
            default: false
            }
        }
    }
}

extension Unicode.Scalar {
    /// C0, DEL, C1, and the separators of lines and paragraphs.
    var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
