/// Where messages go, and how.
package struct SMTPConfiguration: Sendable {
    /// A name or an address, without brackets.
    package let host: String
    /// 1–65535.
    package let port: Int
    package let security: Security
    /// nil: the server takes messages from whoever reaches it.
    package let credentials: SMTPCredentials?
    /// A file of certificates in PEM that vouch for the server's, instead of the system's; nil: the system's.
    package let certificateAuthorities: String?
    /// For a whole conversation, from connecting to the answer for the message; 1–100 seconds.
    package let timeout: Duration

    /// How the connection is secured.
    package enum Security: Sendable {
        /// TLS from the first byte (RFC 8314 §3.3).
        case implicitTLS
        /// STARTTLS (RFC 3207), without which nothing is sent.
        case startTLS
        /// Not at all.
        case none
    }

    /// Reads a URL:
    ///
    /// - `smtps://user:password@host:465`: TLS from the first byte. Without a port: 465.
    /// - `smtp://user:password@host:587`: STARTTLS, required. Without a port: 587.
    /// - `smtp://host:25?tls=none`: in the clear. Without a port: 25. No password, unless the host is this one.
    ///
    /// User and password are percent-encoded where need be, and may both be missing. Options: `ca=/path/ca.pem`, certificates in
    /// PEM to trust instead of the system's; `timeout=10`, seconds, 1–100, 30 if missing.
    ///
    /// - Throws: ``SMTPConfigurationFailure``, which quotes nothing of the URL.
    package init(url: String) throws(SMTPConfigurationFailure) {
        let url = try SMTPURL(url)
        switch (url.scheme, url.options["tls"]) {
        case ("smtps", nil): security = .implicitTLS
        case ("smtp", nil): security = .startTLS
        case ("smtp", "none"): security = .none
        default: throw .init("tls can only be none, and only with smtp://")
        }
        guard security != .none || url.credentials == nil || Self.isLoopback(url.host) else {
            throw .init("a password would travel in the clear: leave out tls=none, or the password")
        }
        host = url.host
        port = url.port ?? security.port
        credentials = url.credentials
        certificateAuthorities = url.options["ca"]
        guard certificateAuthorities == nil || security != .none else { throw .init("ca has no meaning with tls=none") }
        let seconds = url.options["timeout"].map { Int($0) } ?? 30
        guard let seconds, (1...100).contains(seconds) else { throw .init("timeout is not a number of seconds from 1 to 100") }
        timeout = .seconds(seconds)
    }

    private static func isLoopback(_ host: String) -> Bool {
        let bytes = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return host == "localhost" || host == "::1" || (bytes.count == 4 && bytes[0] == 127 && !bytes.contains(nil))
    }
}

extension SMTPConfiguration.Security {
    fileprivate var port: Int {
        switch self {
        case .implicitTLS: 465
        case .startTLS: 587
        case .none: 25
        }
    }
}

/// What is wrong with a configuration: a sentence that quotes nothing of it.
package struct SMTPConfigurationFailure: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
