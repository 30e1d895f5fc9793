/// What another system's tokens look like: all begin alike, have one length, and are made of known characters behind their beginning.
package struct ForeignPrefix: Hashable, Sendable {
    /// What each begins with, e.g. `acme_live_`.
    package let text: String
    /// Characters of a whole token.
    package let length: Int
    /// The characters that stand behind the prefix, each once.
    package let alphabet: String

    package init(text: String, length: Int, alphabet: String) {
        self.text = text
        self.length = length
        self.alphabet = alphabet
    }

    package static let textBounds = 6...32
    package static let lengthBounds = 20...255
    /// Digits at least; at most all that a bearer token is made of (RFC 6750 §2.1).
    package static let alphabetBounds = 10...69

    /// What of it can't be accepted, by the names of its members in a request.
    package var faults: [FieldFault] {
        var faults: [FieldFault] = []
        if !text.utf8.allSatisfy({ Self.isBearer($0) && $0 != UInt8(ascii: "=") }) {
            faults.append(FieldFault("/prefix", "invalid", "prefix is made of letters, digits and - . _ ~ + /."))
        } else if Self.isReserved(text.utf8) {
            faults.append(FieldFault("/prefix", "reserved", "What begins with ts, a letter and _, or with eyJ, is Tessera's own."))
        }
        if !alphabet.utf8.allSatisfy(Self.isBearer) {
            faults.append(FieldFault("/alphabet", "invalid", "alphabet lists characters, each once: letters, digits and - . _ ~ + / =."))
        } else if Set(alphabet.utf8).count != alphabet.utf8.count {
            faults.append(FieldFault("/alphabet", "repeated", "Each character of the alphabet is given once."))
        }
        if faults.isEmpty, !isUnguessable {
            faults.append(
                FieldFault(
                    "/length", "too_short",
                    "Tokens of this length leave fewer than \(Self.leastBits) bits to guess behind the prefix: they aren't safe to take."))
        }
        return faults
    }

    /// Whether our own credentials, or session tokens, begin so.
    package static func isReserved(_ text: some Collection<UInt8>) -> Bool {
        let start = Array(text.prefix(4))
        if start.starts(with: "eyJ".utf8) { return true }
        guard start.count == 4, start.starts(with: "ts".utf8), start[3] == UInt8(ascii: "_") else { return false }
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(start[2])
    }

    /// Whether a bearer token may have that character (`b68token` of RFC 6750 §2.1).
    package static func isBearer(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: "-._~+/=".utf8.contains(byte)
        }
    }

    /// Their hashes have no salt, so only their length stands against guessing (NIST SP 800-131A: 112 bits).
    private static let leastBits = 112

    private var isUnguessable: Bool {
        var combinations = 1.0
        for _ in 0..<max(0, length - text.utf8.count) { combinations *= Double(alphabet.utf8.count) }
        return combinations >= 0x1p112
    }
}
