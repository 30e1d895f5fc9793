import Foundation
import Postgres
import Support
import Testing

/// Mails leave by SMTP, encrypted, and what they carry works once; nothing else ever holds it.
@Suite(.timeLimit(.minutes(5))) struct SMTPTests {
    @Test func everyMailedLinkWorksOnceAndNothingElseHoldsItsSecret() async throws {
        let certificate = try await Certificate("DNS:localhost")
        let arguments = ["--tls", "starttls", "--user", "tessera", "--password", "mail-password"] + certificate.arguments
        let authority = certificate.certificate
        try await PythonServer.with("accepting", arguments) { server in
            let environment = [
                "TESSERA_SMTP_URL": "smtp://tessera:mail-password@localhost:\(server.port)?ca=\(authority)",
                "TESSERA_MAIL_FROM": "Tessera <no-reply@tessera.example>", "TESSERA_HTTP_PUBLIC_URL": "https://app.example.com",
                "TESSERA_LOG_LEVEL": "trace",
            ]
            try await RunningAPI.with(environment) { api in
                var secrets = Secrets()
                let ada = try await api.register()
                secrets.add(ada)
                let login = try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"correct horse battery"}"#)
                secrets.add(login)
                let token = try await api.token(ada, scopes: ["read"])
                secrets.add(token.secret)
                #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
                let change = #"{"email":"bea@example.com","currentPassword":"correct horse battery"}"#
                #expect(try await api.send("PATCH", "/api/v1/me", as: ada.accessToken, json: change).status == 200)
                #expect(try await api.post("/api/v1/invitations", #"{"email":"eve@example.com","role":"admin"}"#, as: ada.accessToken).status == 201)
                #expect(try await api.post("/api/v1/auth/password/forgot", #"{"email":"\#(ada.email)"}"#).status == 202)

                let signUp = try await server.secret("confirm-email", to: ada.email)
                let changed = try await server.secret("confirm-email", to: "bea@example.com")
                let invitation = try await server.secret("accept-invitation", to: "eve@example.com")
                let reset = try await server.secret("reset-password", to: ada.email)
                for secret in [signUp, changed, invitation, reset] { secrets.add(secret) }
                #expect(Set([signUp, changed, invitation, reset]).count == 4)
                try await api.holds(none: secrets, but: ada.email, "bea@example.com", "eve@example.com")

                // Whoever puts one where it doesn't belong has it in no log of ours either.
                for secret in [reset, token.secret] {
                    _ = try await api.get("/api/v1/me?secret=\(secret)")
                    _ = try await api.get("/api/v1/tokens/\(secret)", as: ada.accessToken)
                    _ = try await api.send(
                        "GET", "/\(secret)", as: secret, headers: [("User-Agent", "x"), ("X-Request-Id", String(secret.prefix(64)))])
                }

                let confirm = { (secret: String) in try await api.post("/api/v1/auth/email/confirm", #"{"secret":"\#(secret)"}"#) }
                for secret in [signUp, changed] {
                    #expect(try await confirm(secret).status == 204)
                    #expect(try await confirm(secret).status == 401)
                }
                #expect(try await api.get("/api/v1/me", as: ada.accessToken).body.email.string == "bea@example.com")
                let acceptance = #"{"secret":"\#(invitation)","name":"eve","password":"horse battery staple"}"#
                let eve = try await api.post("/api/v1/invitations/accept", acceptance)
                #expect(eve.status == 201)
                #expect(eve.body.role.string == "admin")
                #expect(try await api.post("/api/v1/invitations/accept", acceptance).status == 401)
                secrets.add(eve)
                secrets.add("horse battery staple")

                #expect(try await api.post("/api/v1/auth/password/forgot", #"{"email":"bea@example.com"}"#).status == 202)
                let second = try await server.secret("reset-password", to: "bea@example.com")
                secrets.add(second)
                let renewal = #"{"secret":"\#(second)","password":"another horse battery"}"#
                #expect(try await api.post("/api/v1/auth/password/reset", renewal).status == 204)
                // One use ends every other reset of the person.
                for secret in [second, reset] {
                    #expect(
                        try await api.post("/api/v1/auth/password/reset", #"{"secret":"\#(secret)","password":"another horse battery"}"#).status
                            == 401)
                }
                secrets.add("another horse battery")
                let again = try await api.post("/api/v1/auth/login", #"{"email":"bea@example.com","password":"another horse battery"}"#)
                #expect(again.status == 200)
                secrets.add(again)
                try await server.mail("Your password was changed", to: "bea@example.com")
                try await server.mail("about to change", to: ada.email)
                try await api.holds(none: secrets, but: "bea@example.com", "eve@example.com")
                print("\(secrets.texts.count) texts, five of them mailed as secrets, looked for in the dump and the log: none found")
            }
            let messages = try server.messages
            #expect(messages.count == 7)
            #expect(messages.allSatisfy { $0.isEncrypted && $0.isAuthenticated && $0.sender == "no-reply@tessera.example" })
        }
    }

    @Test func aMailThatTheServerRefusesForNowComesLaterAndHoldsNoSecretMeanwhile() async throws {
        try await PythonServer.with("accepting", ["--refuse", "DATA=451 4.7.1 later"]) { server in
            try await RunningAPI.with(["TESSERA_SMTP_URL": server.plainURL]) { api in
                let ada = try await api.register()
                let connection = try await api.database.connect()
                try await eventually("the mail was tried") {
                    try await connection.query("SELECT count(*) FROM tessera.outbox WHERE failure LIKE '%451%' AND next_attempt_at > now()")
                        .decode(Int.self) == [1]
                }
                await connection.close()
                var secrets = Secrets()
                secrets.add(ada)
                try await api.holds(none: secrets, but: ada.email)
            }
        }
    }
}

/// What must be nowhere: as a whole, nor the random part of it.
private struct Secrets {
    var texts: Set<String> = ["correct horse battery", "mail-password"]

    mutating func add(_ text: String) {
        texts.insert(text)
        if text.hasPrefix("ts"), let random = text.split(separator: "_").last { texts.insert(String(random)) }
        if text.hasPrefix("ey"), let signature = text.split(separator: ".").last { texts.insert(String(signature)) }
    }

    mutating func add(_ account: Account) {
        add(account.accessToken)
        add(account.refreshToken)
    }

    mutating func add(_ session: Reply) {
        for text in [session.body.accessToken, session.body.refreshToken, session.body.deviceToken].compactMap(\.string) { add(text) }
    }
}

extension RunningAPI {
    /// Neither a dump of the database nor what the process wrote holds any of them; the dump does hold `known`, so that it is one.
    fileprivate func holds(none secrets: Secrets, but known: String...) async throws {
        let dump = try await run(Checkout.postgres("pg_dump"), [database.url(role: "postgres")])
        #expect(dump.code == 0, "\(dump.errors)")
        for text in known { #expect(dump.output.contains(text), "\(text)") }
        let log = process.standardOutput + process.standardError
        #expect(log.contains("\"request\""))
        for secret in secrets.texts.union(["tsm_", "tsf_", "tsd_"]) {
            let found = (dump: dump.output.contains(secret), log: log.contains(secret))
            #expect(found == (false, false), "\(secret)")
        }
    }
}

extension PythonServer {
    /// Waits for a mail to that address with a link to that page, and answers the secret behind the link's `#`.
    fileprivate func secret(_ page: String, to address: String) async throws -> String {
        var found: Substring?
        try await eventually("a mail to \(address) with a link to \(page)") {
            found = try messages.filter { $0.recipients == [address] }
                .compactMap { try Regex("https://app\\.example\\.com/\(page)#secret=(tsm_[0-9A-Za-z_]+)\n").firstMatch(in: $0.text)?[1].substring }
                .first
            return found != nil
        }
        return String(try #require(found))
    }

    /// Waits for a mail with these words in its subject.
    fileprivate func mail(_ subject: String, to address: String) async throws {
        try await eventually("a mail to \(address): \(subject)") {
            try messages.contains { $0.recipients == [address] && $0.subject.contains(subject) }
        }
    }
}
