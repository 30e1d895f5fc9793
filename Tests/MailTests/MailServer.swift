import Foundation
import Support

/// A mail server of a test's own, with a certificate for `localhost`.
struct MailServer: Sendable {
    let port: Int
    let folder: String

    /// Where the certificate is that its own is signed by: itself.
    var certificate: String { folder + "/certificate.pem" }

    static func with<Value>(_ mode: String, _ body: (MailServer) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tessera-mail-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (certificate, key) = (folder + "/certificate.pem", folder + "/key.pem")
        let made = try await run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                "-keyout", key, "-out", certificate,
            ])
        guard made.code == 0 else { throw Missing(what: "a certificate: \(made.errors)") }
        let needsTLS = ["starttls", "tls", "auth", "inject"].contains(mode)
        let process = try ChildProcess(
            "/usr/bin/python3", [Checkout.path("Tests/MailTests/Servers/smtp.py"), "0", mode, folder] + (needsTLS ? [certificate, key] : []))
        defer { process.signal(SIGKILL) }
        try await eventually("the mail server listens") {
            guard process.isRunning else { throw Missing(what: "a mail server: \(process.standardError)") }
            return process.standardOutput.contains("ready")
        }
        let port = process.standardOutput.split(separator: " ").last.flatMap { Int($0.filter(\.isNumber)) }
        guard let port else { throw Missing(what: "the mail server's port") }
        return try await body(MailServer(port: port, folder: folder))
    }

    /// What arrived, in order.
    var mails: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".eml") }.sorted()
                .map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8) }
        }
    }
}
