import Crypto

/// SHA-256 over statements.
enum Checksum {
    static func hex(of up: [String], _ down: [String]) -> String {
        let text = up.joined(separator: ";\n") + "\n-- +down\n" + down.joined(separator: ";\n")
        return SHA256.hash(data: Array(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
