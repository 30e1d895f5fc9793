/// The short name of a tenant in addresses: 3–40 of `a-z`, `0-9` and single hyphens inside, and nothing that could be an id.
package struct Slug: Hashable, Sendable {
    package let text: String

    package static let bounds = 3...40

    package init?(_ text: String) {
        guard Self.bounds.contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed),
            !text.hasPrefix("-"), !text.hasSuffix("-"), !text.contains("--"), TenantID(text) == nil
        else { return nil }
        self.text = text
    }

    /// The slug made of a tenant's name: what can't be in a slug becomes a hyphen. Names without any usable letter give `tenant`.
    package init(derivedFrom name: String) {
        var letters: [UInt8] = []
        for byte in name.lowercased().utf8 {
            if byte != hyphen, Self.isAllowed(byte) {
                letters.append(byte)
            } else if let last = letters.last, last != hyphen {
                letters.append(hyphen)
            }
        }
        letters = Array(letters.prefix(Self.bounds.upperBound))
        while letters.last == hyphen { letters.removeLast() }
        text = letters.count < Self.bounds.lowerBound ? "tenant" : String(decoding: letters, as: UTF8.self)
    }

    /// This slug with six random letters behind it, for when the plain one is taken.
    package func disambiguated() -> Slug {
        let suffix = String((0..<6).map { _ in "abcdefghijkmnpqrstuvwxyz23456789".randomElement() ?? "x" })
        return Slug(unchecked: String(text.prefix(Self.bounds.upperBound - 7)).trimmingHyphens + "-" + suffix)
    }

    private init(unchecked text: String) { self.text = text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), hyphen: true
        default: false
        }
    }
}

private let hyphen = UInt8(ascii: "-")

extension String {
    fileprivate var trimmingHyphens: String {
        var rest = self[...]
        while rest.last == "-" { rest.removeLast() }
        return String(rest)
    }
}
