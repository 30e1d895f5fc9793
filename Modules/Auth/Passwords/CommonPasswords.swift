/// Passwords that are guessed first, whoever is attacked: refused for a new one (NIST SP 800-63B §5.1.1.2, ASVS 5.0 6.2.4).
enum CommonPasswords {
    /// Whether `password` is one of them, in any case.
    static func contain(_ password: String) -> Bool { words.contains(password.lowercased()[...]) }

    private static let words = Set(CommonPasswordList.text.split { $0 == " " || $0 == "\n" })
}
