import FoundationEssentials

/// The parts of a URL for SMTP, decoded. Its errors quote nothing: when a character isn't encoded, any part may be the password's.
struct SMTPURL {
    /// `smtp` or `smtps`.
    let scheme: String
    let host: String
    let port: Int?
    let credentials: SMTPCredentials?
    /// `tls`, `ca`, `timeout`.
    let options: [String: String]

    init(_ text: String) throws(SMTPConfigurationFailure) {
        guard let parts = URLComponents(string: text, encodingInvalidCharacters: false) else {
            throw .init("not a URL: characters such as @ : / ? # % in user and password must be percent-encoded")
        }
        guard let scheme = parts.scheme?.lowercased(), ["smtp", "smtps"].contains(scheme) else { throw .init("neither smtp:// nor smtps://") }
        guard ["", "/"].contains(parts.path), parts.fragment == nil else {
            throw .init("a path or a fragment: / and # in user and password must be percent-encoded")
        }
        self.scheme = scheme
        host = try Self.host(parts)
        if let port = parts.port, !(1...65535).contains(port) { throw .init("the port is not a number from 1 to 65535") }
        port = parts.port
        credentials = try Self.credentials(parts)
        options = try Self.options(parts)
    }

    private static func host(_ parts: URLComponents) throws(SMTPConfigurationFailure) -> String {
        var host = (parts.host ?? "").lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let isHost = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-._:".utf8.contains(byte)
            }
        }
        guard !host.isEmpty, host.utf8.count <= 253, isHost else { throw .init("no host, or not one in ASCII") }
        return host
    }

    private static func credentials(_ parts: URLComponents) throws(SMTPConfigurationFailure) -> SMTPCredentials? {
        if parts.percentEncodedUser == nil, parts.percentEncodedPassword == nil { return nil }
        guard let user = parts.user, !user.isEmpty,
            let password = parts.password, !password.isEmpty
        else { throw .init("user and password: both are needed, percent-encoded UTF-8, or none") }
        // PLAIN separates by NUL (RFC 4616 §2).
        guard !user.utf8.contains(0), !password.utf8.contains(0), user.utf8.count <= 255, password.utf8.count <= 255 else {
            throw .init("user or password have a NUL or more than 255 bytes")
        }
        return SMTPCredentials(user: user, password: password)
    }

    private static func options(_ parts: URLComponents) throws(SMTPConfigurationFailure) -> [String: String] {
        var options: [String: String] = [:]
        for item in parts.queryItems ?? [] {
            guard ["tls", "ca", "timeout"].contains(item.name), let value = item.value, !value.isEmpty else {
                throw .init("an option without a value, or another than tls, ca and timeout")
            }
            guard options.updateValue(value, forKey: item.name) == nil else { throw .init("an option that is given twice") }
        }
        return options
    }
}
