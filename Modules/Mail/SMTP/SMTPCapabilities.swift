/// What a server offers (RFC 5321 §4.1.1.1).
struct SMTPCapabilities {
    private var parameters: [String: Set<String>] = [:]

    init() {}

    /// - Parameter reply: to EHLO. Its first line is a greeting.
    init(_ reply: SMTPReply) {
        for line in reply.lines.dropFirst() {
            let words = line.uppercased().split(separator: " ").map(String.init)
            guard let keyword = words.first else { continue }
            parameters[keyword, default: []].formUnion(words.dropFirst())
        }
    }

    var hasStartTLS: Bool { parameters["STARTTLS"] != nil }
    var hasSMTPUTF8: Bool { parameters["SMTPUTF8"] != nil }

    /// The way of signing in that takes the fewest steps; nil if there is none that we know.
    var authentication: SMTPAuthentication? {
        let offered = parameters["AUTH"] ?? []
        return [.plain, .login].first { offered.contains($0.rawValue) }
    }
}

/// How a user's name and password travel. Both ways they travel as they are, so the connection must be secure.
enum SMTPAuthentication: String {
    /// RFC 4616.
    case plain = "PLAIN"
    /// Never a standard; some servers know no other.
    case login = "LOGIN"
}
