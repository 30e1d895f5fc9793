/// An e-mail address in the form that is stored and compared: letters are lower-cased, white space around is gone.
///
/// Accepted is what can be delivered in practice, in one spelling: a dot-atom of 1–64 bytes, `@`, a dotted host name, 254 bytes in all
/// (RFC 5321 §4.5.3.1, RFC 5322 §3.2.3). The host is ASCII, an international one `xn--…` (RFC 5890 §2.3.2.1): its other forms
/// reach the same box. Before the `@` letters of any script may stand, except those that have a second form (RFC 6532 §3.1 asks for
/// NFC) or aren't seen.
package struct EmailAddress: Hashable, Sendable {
    package let text: String

    package init?(_ raw: String) {
        let text = raw.trimmed.lowercased()
        let parts = text.unicodeScalars.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2, (1...64).contains(String(parts[0]).utf8.count) else { return nil }
        let (atoms, labels) = (Self.labels(of: parts[0]), Self.labels(of: parts[1]))
        guard labels.count > 1, atoms.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isAtomic) }), labels.allSatisfy(Self.isHostLabel)
        else { return nil }
        self.text = text
    }

    private static func labels(of part: Substring.UnicodeScalarView) -> [Substring.UnicodeScalarView] {
        part.split(separator: ".", omittingEmptySubsequences: false)
    }

    private static func isHostLabel(_ label: Substring.UnicodeScalarView) -> Bool {
        (1...63).contains(label.count) && label.first != "-" && label.last != "-" && label.allSatisfy { isAlphanumeric($0) || $0 == "-" }
    }

    private static func isAtomic(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isAlphanumeric(scalar) || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar) }
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
            // Marks are none of these, and the parts of Korean syllables are left out: so no two scalars here make up a third.
            return !scalar.properties.changesWhenNFKCCaseFolded && !(0x1100...0x11FF).contains(scalar.value)
        default: return false
        }
    }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool { ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) }
}
