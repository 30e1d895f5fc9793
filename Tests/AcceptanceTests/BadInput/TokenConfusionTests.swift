import Foundation
import Support
import Testing

/// A credential is good for one thing, as a whole, and nowhere else.
@Suite(.serialized) struct TokenConfusionTests {
    private static let noLimits = ["TESSERA_LIMITS_RESET": "off"]

    @Test func noCredentialIsGoodInThePlaceOfAnother() async throws {
        try await RunningAPI.with(Self.noLimits) { api in
            let credentials = try await Credentials(api)
            for place in Place.allCases {
                for (kind, text) in credentials.texts where !place.takes.contains(kind) {
                    let reply = try await place.send(text, api)
                    #expect(reply.status == 401, "\(kind) as \(place): \(reply.status)")
                    #expect(reply.code == "invalid_token", "\(kind) as \(place)")
                }
            }
            // They were all good, and none was used up on the way: the reset comes last, since it ends the sessions.
            for place in Place.allCases {
                for kind in place.takes {
                    let reply = try await place.send(try #require(credentials.texts[kind]), api)
                    #expect((200...299).contains(reply.status), "\(kind) as \(place): \(reply.status) \(reply.body)")
                }
            }
        }
    }

    @Test func onlyADeviceTokenMakesADeviceKnown() async throws {
        // One guess, in a window that doesn't end while this runs.
        try await RunningAPI.with(Self.noLimits.merging(["TESSERA_LIMITS_LOGIN": "1/604800"]) { $1 }) { api in
            let credentials = try await Credentials(api)
            func login(_ password: String, _ device: String) async throws -> Int {
                let body = #"{"email":"\#(credentials.email)","password":"\#(password)","deviceToken":"\#(device)"}"#
                return try await api.post("/api/v1/auth/login", body).status
            }
            let device = try #require(credentials.texts[.device])
            #expect(try await login("wrong wrong", "x") == 401)
            for (kind, text) in credentials.texts where kind != .device { #expect(try await login("correct horse battery", text) == 429, "\(kind)") }
            for altered in Alteration.all(of: device) { #expect(try await login("correct horse battery", altered) == 429, "\(altered)") }
            #expect(try await login("correct horse battery", device) == 200)
        }
    }

    @Test(arguments: CredentialKind.allCases.filter { $0 != .device })
    func everyPartAndEveryAlterationIsRefused(of kind: CredentialKind) async throws {
        try await RunningAPI.with(Self.noLimits) { api in
            let credentials = try await Credentials(api)
            let text = try #require(credentials.texts[kind])
            let place = try #require(Place.allCases.first { $0.takes.contains(kind) })
            let altered = Alteration.all(of: text)
            let statuses = try await withThrowingTaskGroup(of: (String, Int).self) { group in
                for (number, text) in altered.enumerated() {
                    if number >= 16 { _ = try await group.next() }
                    group.addTask { (text, try await place.send(text, api).status) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (text, status) in statuses { #expect(status == 401, "\(text)") }
            print("\(kind): \(altered.count) alterations of \(text.count) characters refused")
            // Nothing of that used the real one up, or was written down as a use of it.
            #expect((200...299).contains(try await place.send(text, api).status))
            if kind == .apiToken { #expect(try await api.usageTotal(of: credentials.token, as: credentials.session, reaches: 1) == 1) }
        }
    }

    @Test func credentialsElsewhereThanInTheirPlaceAreNotSeen() async throws {
        try await RunningAPI.with(Self.noLimits) { api in
            let credentials = try await Credentials(api)
            for kind in [CredentialKind.access, .apiToken] {
                let text = try #require(credentials.texts[kind])
                let basic = Data("\(text):".utf8).base64EncodedString()
                for (name, value) in [
                    ("X-Api-Key", text), ("X-Auth-Token", text), ("Cookie", "access_token=\(text); token=\(text)"),
                    ("Proxy-Authorization", "Bearer \(text)"),
                    ("Authorization", "Basic \(basic)"), ("Authorization", "Token \(text)"), ("Authorization", "Bearer\t\(text)"),
                ] {
                    let reply = try await api.send("GET", "/api/v1/me", headers: [(name, value)])
                    #expect(reply.code == "authentication_required", "\(kind) in \(name)")
                }
                for query in ["access_token", "token", "api_key"] {
                    #expect(try await api.get("/api/v1/me?\(query)=\(text)").code == "authentication_required", "\(query)")
                }
            }
        }
    }
}

/// What Tessera hands out.
enum CredentialKind: CaseIterable { case access, apiToken, introspector, refresh, device, confirmation, invitation, reset }

/// Where each is shown, those that end something last.
private enum Place: CaseIterable {
    case bearer, introspect, confirm, lookup, accept, refresh, reset

    var takes: [CredentialKind] {
        switch self {
        case .bearer: [.access, .apiToken]
        case .introspect: [.introspector, .access, .apiToken]
        case .confirm: [.confirmation]
        case .lookup, .accept: [.invitation]
        case .refresh: [.refresh]
        case .reset: [.reset]
        }
    }

    func send(_ text: String, _ api: RunningAPI) async throws -> Reply {
        switch self {
        case .bearer: try await api.get("/api/v1/me", as: text)
        case .introspect:
            try await api.send(
                "POST", "/api/v1/introspect", as: text, json: "token=x", headers: [("Content-Type", "application/x-www-form-urlencoded")])
        case .confirm: try await api.post("/api/v1/auth/email/confirm", #"{"secret":"\#(text)"}"#)
        case .lookup: try await api.post("/api/v1/invitations/lookup", #"{"secret":"\#(text)"}"#)
        case .accept: try await api.post("/api/v1/invitations/accept", #"{"secret":"\#(text)","name":"eve","password":"correct horse battery"}"#)
        case .refresh: try await api.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(text)"}"#)
        case .reset: try await api.post("/api/v1/auth/password/reset", #"{"secret":"\#(text)","password":"another horse battery"}"#)
        }
    }
}

/// One of each, all of one person and all good.
private struct Credentials {
    let texts: [CredentialKind: String]
    let email: String
    /// A session, and the id of the API token.
    let session: String
    let token: String

    init(_ api: RunningAPI) async throws {
        let ada = try await api.register()
        let login = try await api.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"correct horse battery"}"#)
        let issued = try await api.token(ada, scopes: ["read", "introspect"])
        _ = try await api.post("/api/v1/auth/password/forgot", #"{"email":"\#(ada.email)"}"#)
        _ = try await api.post("/api/v1/invitations", #"{"email":"eve@example.com","role":"viewer"}"#, as: ada.accessToken)
        texts = [
            .introspector: try await Introspector.make(at: api.database).secret,
            .access: login.body.accessToken.string ?? "", .apiToken: issued.secret, .refresh: login.body.refreshToken.string ?? "",
            .device: login.body.deviceToken.string ?? "",
            .confirmation: try await api.mailedSecret("Confirm your e-mail", to: ada.email),
            .invitation: try await api.mailedSecret("You are invited", to: "eve@example.com"),
            .reset: try await api.mailedSecret("Reset your password", to: ada.email),
        ]
        (email, session, token) = (ada.email, ada.accessToken, issued.id)
    }
}

/// Almost the same.
private enum Alteration {
    /// Every beginning of `text`, every other length by one, and another character in every place: a digit, and the other case.
    static func all(of text: String) -> [String] {
        let characters = Array(text)
        var altered = (1..<characters.count).map { String(characters.prefix($0)) } + characters.indices.dropFirst().map { String(characters[$0...]) }
        altered += [text + "0", text + "=", text + text]
        for index in characters.indices {
            for other in [characters[index] == "0" ? "1" : "0", characters[index].swappedCase] where other != characters[index] {
                var copy = characters
                copy[index] = other
                altered.append(String(copy))
            }
        }
        return altered
    }
}

extension Character {
    fileprivate var swappedCase: Character { Character(isUppercase ? lowercased() : uppercased()) }
}
