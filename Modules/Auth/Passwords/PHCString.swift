import FoundationEssentials

/// A password hash in the PHC string format: `$scrypt$ln=15,r=8,p=3$salt$hash`, base64 without padding.
struct PHCString: Sendable {
    let parameters: ScryptParameters
    let salt: [UInt8]
    let hash: [UInt8]

    init(parameters: ScryptParameters, salt: [UInt8], hash: [UInt8]) {
        self.parameters = parameters
        self.salt = salt
        self.hash = hash
    }

    /// nil for another algorithm, broken base64, or parameters that no one would have chosen.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt", let parameters = ScryptParameters(String(parts[2])),
            let salt = Self.decode(parts[3]), let hash = Self.decode(parts[4]), (8...64).contains(salt.count), (16...64).contains(hash.count)
        else { return nil }
        self.init(parameters: parameters, salt: salt, hash: hash)
    }

    var text: String { "$scrypt$\(parameters.text)$\(Self.encode(salt))$\(Self.encode(hash))" }

    private static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString().replacing("=", with: "") }

    private static func decode(_ text: Substring) -> [UInt8]? {
        Data(base64Encoded: text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)).map(Array.init)
    }
}

/// The cost of scrypt (RFC 7914 §2).
struct ScryptParameters: Hashable, Sendable {
    /// log2 of the CPU and memory cost.
    let logN: Int
    let blockSize: Int
    let parallelism: Int

    /// OWASP's recommendation at 32 MiB: N = 2^15, r = 8, p = 3.
    static let standard = ScryptParameters(logN: 15, blockSize: 8, parallelism: 3)

    init(logN: Int, blockSize: Int, parallelism: Int) {
        self.logN = logN
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// `ln=15,r=8,p=3`; nil past what this process would ever spend on one password.
    init?(_ text: String) {
        let parts = text.split(separator: ",")
        func number(_ index: Int, _ name: String, _ bounds: ClosedRange<Int>) -> Int? {
            guard parts.count == 3, parts[index].hasPrefix(name + "="), let value = Int(parts[index].dropFirst(name.count + 1)) else { return nil }
            return bounds.contains(value) ? value : nil
        }
        guard let logN = number(0, "ln", 1...20), let blockSize = number(1, "r", 1...32), let parallelism = number(2, "p", 1...16) else { return nil }
        self.init(logN: logN, blockSize: blockSize, parallelism: parallelism)
    }

    /// What a hash costs, up to a factor.
    var work: Int { (1 << logN) * blockSize * parallelism }

    var text: String { "ln=\(logN),r=\(blockSize),p=\(parallelism)" }
}
