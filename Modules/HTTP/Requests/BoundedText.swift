/// Text of a caller that is kept: cut on a character, so that it stays valid UTF-8.
enum BoundedText {
    /// A header's value in at most 300 bytes, without control characters.
    static func header(_ value: String) -> String {
        var kept = ""
        for character in value {
            guard kept.utf8.count + character.utf8.count <= 300 else { break }
            if character.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) { kept.append(character) }
        }
        return kept
    }
}
