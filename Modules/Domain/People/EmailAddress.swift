/// An e-mail address in the form that is stored and compared: NFC is left alone, letters are lower-cased, white space around is gone.
///
/// Accepted is what can be delivered in practice: one `@`, 1–64 bytes before it, a dotted host after it, 254 bytes in all
/// (RFC 5321 §4.5.3.1), no white space and no control characters.
package struct EmailAddress: Hashable, Sendable {
    package let text: String

    package init?(_ raw: String) {
        let text = raw.trimmed.lowercased()
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2, (1...64).contains(parts[0].utf8.count),
            !text.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F }),
            parts[1].contains("."), !parts[1].split(separator: ".", omittingEmptySubsequences: false).contains("")
        else { return nil }
        self.text = text
    }
}
