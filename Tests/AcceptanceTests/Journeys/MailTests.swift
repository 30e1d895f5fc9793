import Foundation
import Postgres
import Support
import Testing

/// What is mailed works, once; and nothing but the mail ever holds it.
@Suite struct MailTests {
    @Test func anAddressIsConfirmedByTheMailedLink() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let secret = try await api.mailedSecret("Confirm your e-mail", to: ada.email)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).body.emailVerified.bool == false)
            #expect(try await api.post("/api/v1/auth/email/confirm", #"{"secret":"\#(secret)"}"#).status == 204)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).body.emailVerified.bool == true)
            #expect(try await api.post("/api/v1/auth/email/confirm", #"{"secret":"\#(secret)"}"#).status == 401)
            #expect(try await api.post("/api/v1/auth/password/reset", #"{"secret":"\#(secret)","password":"another horse battery"}"#).status == 401)
        }
    }

    @Test func aForgottenPasswordIsResetAndEverySessionEnds() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            #expect(try await api.post("/api/v1/auth/password/forgot", #"{"email":"\#(ada.email)"}"#).status == 202)
            let secret = try await api.mailedSecret("Reset your password", to: ada.email)
            // A dump of the whole database, a log of all that was said: the secret is in neither.
            let dump = try await run(Checkout.postgres("pg_dump"), [api.database.url(role: "postgres")])
            #expect(dump.code == 0)
            #expect(dump.output.contains(ada.email))
            #expect(!dump.output.contains(secret))
            #expect(!api.process.standardOutput.contains(secret))
            let short = try await api.post("/api/v1/auth/password/reset", #"{"secret":"\#(secret)","password":"short"}"#)
            #expect(short.status == 422)
            let reset = #"{"secret":"\#(secret)","password":"another horse battery"}"#
            #expect(try await api.post("/api/v1/auth/password/reset", reset).status == 204)
            #expect(try await api.post("/api/v1/auth/password/reset", reset).status == 401)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 401)
            let login = try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"another horse battery"}"#)
            #expect(login.status == 200)
            _ = try await api.mail("Your password was changed", to: ada.email)
        }
    }

    @Test func nobodyIsMailedWhoHasNoAccount() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            _ = try await api.mail("Confirm your e-mail", to: ada.email)
            #expect(try await api.post("/api/v1/auth/password/forgot", #"{"email":"nobody@example.com"}"#).status == 202)
            let connection = try await api.database.connect()
            try await eventually("the mail is done with") {
                try await connection.query("SELECT count(*) FROM tessera.outbox WHERE sent_at IS NULL").decode(Int.self) == [0]
            }
            await connection.close()
            #expect(try api.mails.allSatisfy { !$0.contains("nobody@example.com") })
        }
    }

    @Test func theNewAddressConfirmsAndTheOldOneIsTold() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let change = #"{"email":"new@example.com","currentPassword":"correct horse battery"}"#
            #expect(try await api.send("PATCH", "/api/v1/me", as: ada.accessToken, json: change).status == 200)
            _ = try await api.mail("about to change", to: ada.email)
            let secret = try await api.mailedSecret("Confirm your e-mail", to: "new@example.com")
            #expect(try await api.post("/api/v1/auth/email/confirm", #"{"secret":"\#(secret)"}"#).status == 204)
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).body.email.string == "new@example.com")
        }
    }
}

extension RunningAPI {
    /// Every mail so far, decoded.
    var mails: [String] {
        get throws {
            let folder = Self.mailbox(of: database)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return try names.filter { $0.hasSuffix(".eml") }.map { name in
                try String(contentsOfFile: folder + "/" + name, encoding: .utf8).replacing("=\r\n", with: "").replacing("=3D", with: "=")
            }
        }
    }

    /// Waits for a mail with these words in its subject.
    func mail(_ subject: String, to address: String) async throws -> String {
        var found: String?
        try await eventually("a mail to \(address): \(subject)") {
            found = try mails.first { mail in
                mail.contains("To: <\(address)>\r\n") && mail.split(separator: "\r\n").contains { $0.hasPrefix("Subject: ") && $0.contains(subject) }
            }
            return found != nil
        }
        return found ?? ""
    }

    /// The secret behind the `#` of that mail's link.
    func mailedSecret(_ subject: String, to address: String) async throws -> String {
        let mail = try await mail(subject, to: address)
        let link = try #require(mail.firstMatch(of: /#secret=([0-9A-Za-z_]+)/))
        return String(link.1)
    }
}
