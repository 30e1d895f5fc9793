/// A version as a strong entity tag (RFC 9110 §8.8.3): version 3 is `"3"`.
package enum VersionTag {
    package static func text(_ version: Int) -> String { "\"\(version)\"" }

    /// The version that a tag is of; nil for any other tag.
    static func version(of tag: String) -> Int? {
        guard isTag(tag), !tag.hasPrefix("W/"), let version = Int(tag.dropFirst().dropLast()), text(version) == tag else { return nil }
        return version
    }

    /// Whether `text` has the form of a tag, strong or weak.
    static func isTag(_ text: String) -> Bool {
        let opaque = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
        return opaque.count >= 2 && opaque.first == "\"" && opaque.last == "\"" && !opaque.dropFirst().dropLast().contains("\"")
    }
}
