import Foundation
import Support
import Testing

/// A password is 8 to 128 Unicode scalars, none of the common ones, and afterwards exactly what was typed: wherever one is set.
@Suite(.serialized) struct PasswordRuleTests {
    /// Where passwords are set.
    enum Way: CaseIterable { case register, change, reset, accept }

    /// As JSON writes them, and what is wrong.
    private static let refused: [(password: String, code: String)] = [
        ("x7k2m9q", "too_short"), ("\u{1F511}\u{1F511}\u{1F511}\u{1F511}\u{1F511}\u{1F511}\u{1F511}", "too_short"), ("", "too_short"),
        (String(repeating: "x7", count: 64) + "x", "too_long"), (String(repeating: "e\u{301}", count: 64) + "x", "too_long"),
        (String(repeating: "x", count: 2000), "too_long"), (#"x7k2m9q4\u0000"#, "invalid"), (#"\u0000x7k2m9q4"#, "invalid"),
        ("password", "too_common"), ("PassWord", "too_common"), ("12345678", "too_common"), ("QWERTYUIOP", "too_common"), ("iloveyou", "too_common"),
        ("TrustNo1", "too_common"), ("1qaz2wsx", "too_common"),
    ]

    /// Each with another one that is not the same.
    private static let accepted: [(password: String, other: String)] = [
        ("x7k2m9q4", "X7k2m9q4"), ("x7k2m9q4\u{3000}", "x7k2m9q4 "), (#"x7k2\t\nm9"#, "x7k2m9q4"), ("caf\u{E9}caf\u{E9}", "cafe\u{301}cafe\u{301}"),
        ("cafe\u{301}cafe\u{301}", "caf\u{E9}caf\u{E9}"), (" x7k2m9q4 ", "x7k2m9q4"), ("\u{FF41}\u{FF42}345678", "ab345678"),
        ("\u{212A}elvin-scale", "Kelvin-scale"),
        ("\u{1F469}\u{200D}\u{1F4BB}\u{1F469}\u{200D}\u{1F4BB}\u{1F511}\u{1F512}", "\u{1F469}\u{1F4BB}\u{1F469}\u{1F4BB}\u{1F511}\u{1F512}"),
        (String(repeating: "\u{1F511}", count: 128), String(repeating: "\u{1F511}", count: 127)),
        // Equal for bcrypt, which reads 72 bytes.
        (String(repeating: "x7", count: 36) + "a", String(repeating: "x7", count: 36) + "b"),
        (String(repeating: "e\u{301}", count: 64), String(repeating: "\u{E9}", count: 64)),
    ]

    @Test(arguments: Way.allCases) func onesThatBreakTheRulesAreRefused(by way: Way) async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_RESET": "off"]) { api in
            let subject = try await Subject(way, api)
            for (password, code) in Self.refused {
                let reply = try await subject.set(password, api)
                #expect(reply.status == 422, "\(password.prefix(20)): \(reply.status)")
                #expect(reply.body.errors.array.map(\.pointer.string) == [way == .change ? "/newPassword" : "/password"])
                #expect(reply.body.errors[0].code.string == code, "\(password.prefix(20))")
            }
            // Whatever can't even be a string.
            #expect(try await subject.set(#"x7k2m9q4\ud800"#, api).status == 400)
            // None of that used the secret up.
            #expect((200...299).contains(try await subject.set("correct horse battery", api).status))
        }
    }

    @Test func itIsExactlyWhatWasTyped() async throws {
        try await RunningAPI.with(["TESSERA_LIMITS_RESET": "off"]) { api in
            for way in Way.allCases {
                // All of them once; the other ways take two that a careless reader would change.
                for (password, other) in way == .register ? Self.accepted[...] : Self.accepted[4...5] {
                    let subject = try await Subject(way, api)
                    #expect((200...299).contains(try await subject.set(password, api).status), "\(way): \(password)")
                    #expect(try await subject.login(password, api) == 200, "\(way): \(password)")
                    #expect(try await subject.login(other, api) == 401, "\(way): \(password)")
                }
            }
        }
    }
}

/// Somebody about to set a password.
private struct Subject {
    private let way: PasswordRuleTests.Way
    private let email: String
    /// A session or a mailed secret.
    private let proof: String

    init(_ way: PasswordRuleTests.Way, _ api: RunningAPI) async throws {
        self.way = way
        let ada = try await api.register()
        switch way {
        case .register: (email, proof) = ("eve-\(UUID().uuidString.lowercased())@example.com", "")
        case .change: (email, proof) = (ada.email, ada.accessToken)
        case .reset:
            _ = try await api.post("/api/v1/auth/password/forgot", #"{"email":"\#(ada.email)"}"#)
            (email, proof) = (ada.email, try await api.mailedSecret("Reset your password", to: ada.email))
        case .accept:
            email = "eve-\(UUID().uuidString.lowercased())@example.com"
            _ = try await api.post("/api/v1/invitations", #"{"email":"\#(email)","role":"viewer"}"#, as: ada.accessToken)
            proof = try await api.mailedSecret("You are invited", to: email)
        }
    }

    func set(_ password: String, _ api: RunningAPI) async throws -> Reply {
        switch way {
        case .register:
            try await api.post("/api/v1/auth/register", #"{"email":"\#(email)","password":"\#(password)","name":"eve","tenantName":"eve"}"#)
        case .change:
            try await api.send(
                "PUT", "/api/v1/me/password", as: proof, json: #"{"currentPassword":"correct horse battery","newPassword":"\#(password)"}"#)
        case .reset: try await api.post("/api/v1/auth/password/reset", #"{"secret":"\#(proof)","password":"\#(password)"}"#)
        case .accept: try await api.post("/api/v1/invitations/accept", #"{"secret":"\#(proof)","name":"eve","password":"\#(password)"}"#)
        }
    }

    func login(_ password: String, _ api: RunningAPI) async throws -> Int {
        try await api.post("/api/v1/auth/login", #"{"email":"\#(email)","password":"\#(password)"}"#).status
    }
}
