/// Tokens with a right shape and checksum that nobody made, written after Docs/TokenFormat.md and apart from the product.
enum TokenForger {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The ids of one token with the secret of another.
    static func splice(ids: String, secret: String) -> String { signed(String(ids.prefix(49)) + secret.dropFirst(49).prefix(43)) }

    /// Ids that nobody has.
    static func unknown() -> String { signed("tsr_\(id())\(id())_\(random(43))") }

    /// `body`, and the checksum over it in place of the last six digits.
    static func signed(_ body: String) -> String {
        var crc: UInt32 = .max
        for byte in body.utf8 {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        var (rest, checksum) = (crc ^ .max, [UInt8]())
        for _ in 0..<6 {
            checksum.insert(digits[Int(rest % 62)], at: 0)
            rest /= 62
        }
        return body + String(decoding: checksum, as: UTF8.self)
    }

    /// 22 digits below 2^128: the first is at most 6.
    private static func id() -> String { "\(Int.random(in: 0...6))\(random(21))" }

    private static func random(_ count: Int) -> String { String(decoding: (0..<count).map { _ in digits.randomElement() ?? 48 }, as: UTF8.self) }
}
