import Foundation
import Support
import Testing

/// One mailbox has one account, in whatever form its address is written; and no form of an address reaches somebody else's.
@Suite(.serialized) struct EmailFormsTests {
    private static let email = "desk.fa\u{E7}ade@mail.example.com"

    /// Mail to any of these reaches ``email``, or nobody at all.
    private static let sameBox = [
        "DESK.FA\u{C7}ADE@MAIL.EXAMPLE.COM", "Desk.Fa\u{E7}ade@Mail.Example.Com", "  \(email)\\t", "\u{A0}\(email)\u{3000}\u{2028}",
        // The Kelvin sign; c and a cedilla of its own.
        "des\u{212A}.fa\u{E7}ade@mail.example.com", "desk.fac\u{327}ade@mail.example.com", "desk.FAC\u{327}ADE@mail.example.com",
        // Letters and dots of full width, mathematical and circled ones.
        "\u{FF44}esk.fa\u{E7}ade@mail.example.com", "desk\u{FF0E}fa\u{E7}ade@mail.example.com", "desk.fa\u{E7}ade@mail.\u{FF45}xample.com",
        "desk.fa\u{E7}ade@mail\u{FF0E}example.com", "desk.fa\u{E7}ade@mail.example\u{3002}com", "\u{1D41D}esk.fa\u{E7}ade@mail.example.com",
        "\u{24D3}esk.fa\u{E7}ade@mail.example.com", "desk.fa\u{E7}ade@mail.e\u{24E7}ample.com",
        // What isn't seen: zero-width characters, a soft hyphen, a byte order mark, directions, a variation selector.
        "de\u{200B}sk.fa\u{E7}ade@mail.example.com", "de\u{200C}sk.fa\u{E7}ade@mail.example.com", "de\u{200D}sk.fa\u{E7}ade@mail.example.com",
        "\u{2060}\(email)", "\u{FEFF}\(email)", "de\u{AD}sk.fa\u{E7}ade@mail.example.com", "\u{202E}\(email)",
        "desk\u{FE0F}.fa\u{E7}ade@mail.example.com",
        "desk.fa\u{E7}ade@mail.ex\u{200B}ample.com", "desk.fa\u{E7}ade@mail.ex\u{AD}ample.com", "desk.fa\u{E7}ade\u{34F}@mail.example.com",
        // The root's dot, comments, quotes, a name, a route, a second address.
        "\(email).", "desk.fa\u{E7}ade@mail.example.com..", "desk(x).fa\u{E7}ade@mail.example.com", #"\"desk.fa\#u{E7}ade\"@mail.example.com"#,
        "<\(email)>", "desk <\(email)>", "@x.example.com:\(email)", "\(email),eve@example.com", "\(email)\\r\\nBcc: eve@example.com",
        "\(email)\\u0000", "\(email)%00", "mailto:\(email)", "desk..fa\u{E7}ade@mail.example.com", ".\(email)",
    ]

    @Test func noFormOfAnAddressMakesASecondAccount() async throws {
        try await RunningAPI.with { api in
            #expect(try await api.signUp(Self.email).status == 201)
            for form in Self.sameBox {
                let reply = try await api.signUp(form)
                #expect(reply.code == "email_taken" || reply.status == 422, "\(Self.escaped(form)): \(reply.status)")
                if reply.status == 422 { #expect(reply.body.errors[0].pointer.string == "/email") }
            }
            // Neither by a change, nor by an invitation.
            let eve = try Account(email: "eve@example.com", try await api.signUp("eve@example.com"))
            for form in Self.sameBox {
                let change = try await api.send(
                    "PATCH", "/api/v1/me", as: eve.accessToken, json: #"{"email":"\#(form)","currentPassword":"correct horse battery"}"#)
                #expect([200, 409, 422].contains(change.status), "\(Self.escaped(form)): \(change.status)")
                let invitation = try await api.post("/api/v1/invitations", #"{"email":"\#(form)","role":"viewer"}"#, as: eve.accessToken)
                #expect([201, 409, 422].contains(invitation.status), "\(Self.escaped(form)): \(invitation.status)")
                if invitation.status == 201 {
                    #expect(invitation.body.email.string.map { Array($0.utf8) } == Array(Self.email.utf8), "\(Self.escaped(form))")
                }
            }
        }
    }

    /// Other boxes, which look like those of others.
    private static let lookalikes = [
        "d\u{435}sk@example.com", "desk@ex\u{430}mple.com", "\u{131}nfo@example.com", "inf\u{3BF}@example.com", "desk+x@example.com",
        "d.esk@example.com",
        "desk@example.com.co", "desk@examp1e.com", "desk@xn--exmple-4nf.com", "de\u{17F}k@example.com", "stra\u{DF}e@example.com",
    ]

    /// Each is one's own, or none.
    @Test func whatOnlyLooksAlikeReachesNobodyElse() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_RESET": "off"]) { api in
            let others = ["desk@example.com", "info@example.com", "strasse@example.com"]
            for email in others {
                #expect(try await api.signUp(email).status == 201)
                _ = try await api.mail("Confirm your e-mail", to: email)
            }
            for form in Self.lookalikes {
                #expect([202, 422].contains(try await api.post("/api/v1/auth/password/forgot", #"{"email":"\#(form)"}"#).status), "\(form)")
                let made = try await api.signUp(form)
                #expect([201, 422].contains(made.status), "\(form): \(made.status)")
                if made.status == 201 {
                    #expect(made.body.user.email.string == form)
                    #expect(try await api.login(form).body.user.id == made.body.user.id, "\(form)")
                }
            }
            // Mails that would have come came before this one.
            #expect(try await api.post("/api/v1/auth/password/forgot", #"{"email":"desk@example.com"}"#).status == 202)
            _ = try await api.mail("Reset your password", to: "desk@example.com")
            let toOthers = try api.mails.filter { mail in others.contains { mail.contains("To: <\($0)>\r\n") } }
            #expect(toOthers.count == others.count + 1)
        }
    }

    @Test func whoeverHasAnAccountLogsInByAnyCaseOfIt() async throws {
        try await RunningAPI.with { api in
            let made = try await api.signUp("Desk@Example.com")
            #expect(made.body.user.email.string == "desk@example.com")
            for form in ["desk@example.com", "DESK@EXAMPLE.COM", " Desk@example.COM\\n", "des\u{212A}@example.com"] {
                #expect(try await api.login(form).body.user.id == made.body.user.id, "\(Self.escaped(form))")
            }
            // And a reset goes where the account's mails go, in whatever form it was asked for (CVE-2019-19844).
            #expect(try await api.post("/api/v1/auth/password/forgot", #"{"email":"DES\#u{212A}@EXAMPLE.COM"}"#).status == 202)
            _ = try await api.mailedSecret("Reset your password", to: "desk@example.com")
            #expect(try api.mails.allSatisfy { $0.contains("To: <desk@example.com>\r\n") })
        }
    }

    private static let undeliverable = [
        "a b@example.com", "a,b@example.com", "a;b@example.com", "a:b@example.com", "a\\\"b@example.com", "a\\\\b@example.com", "a[b]@example.com",
        "a..b@example.com", ".a@example.com", "a.@example.com", "a@-example.com", "a@example-.com", "a@exa_mple.com", "a@example.com/x",
        "a@[127.0.0.1]",
        "a@exam!ple.com", "a@\(String(repeating: "x", count: 64)).com", "a\u{200B}@example.com", "a@exa\u{301}mple.com", "a\u{E000}@example.com",
    ]

    /// Whoever has registered can be mailed: else nobody could ever confirm the address, or reset the password.
    @Test func whatCannotBeMailedIsNoAddress() async throws {
        try await RunningAPI.with { api in
            for form in Self.undeliverable {
                let reply = try await api.signUp(form)
                #expect(reply.status == 422, "\(Self.escaped(form)): \(reply.status)")
                #expect(reply.body.errors[0].pointer.string == "/email", "\(Self.escaped(form))")
            }
        }
    }

    private static func escaped(_ text: String) -> String { text.unicodeScalars.map { $0.escaped(asASCII: true) }.joined() }
}

extension RunningAPI {
    fileprivate func signUp(_ email: String) async throws -> Reply {
        try await post("/api/v1/auth/register", #"{"email":"\#(email)","password":"correct horse battery","name":"ada","tenantName":"ada"}"#)
    }

    fileprivate func login(_ email: String) async throws -> Reply {
        try await post("/api/v1/auth/login", #"{"email":"\#(email)","password":"correct horse battery"}"#)
    }
}
