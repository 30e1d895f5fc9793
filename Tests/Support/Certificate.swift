import Foundation

/// A certificate that vouches for itself, in a directory of its own.
package struct Certificate: ~Copyable, Sendable {
    private let directory: String
    package var certificate: String { directory + "/certificate.pem" }
    package var key: String { directory + "/key.pem" }

    /// - Parameter names: as OpenSSL writes them: `DNS:localhost`, `IP:127.0.0.1`.
    package init(_ names: String...) async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "tessera-mail-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let finished = try await run(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=test", "-addext", "subjectAltName=\(names.joined(separator: ","))", "-keyout", key, "-out", certificate,
            ])
        guard finished.code == 0 else { throw Missing(what: "openssl: \(finished.errors)") }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Options of `accepting.py`.
    package var arguments: [String] { ["--certificate", certificate, "--key", key] }
}
