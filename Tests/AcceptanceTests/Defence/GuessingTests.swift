import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Postgres
import Support
import Testing

/// An account has so many guesses and no more: however many come at once, at whichever node, however its e-mail is spelled, and
/// whatever else is guessed at. Its person gets in meanwhile, from a device that has logged in before.
@Suite(.serialized) struct GuessingTests {
    /// The default of `limits.login`, which the other tests have off.
    private static let limits = ["TESSERA_LIMITS_LOGIN": "10/900", "TESSERA_LOG_LEVEL": "notice"]

    @Test func ofAThousandGuessesAtOnceTenReachTheHashAndThePersonLogsIn() async throws {
        let seen = try await Window.withinOne {
            try await TestDatabase.with { database in
                defer { try? FileManager.default.removeItem(atPath: RunningAPI.mailbox(of: database)) }
                var seen = Burst()
                let email = "ada-\(UUID().uuidString.lowercased())@example.com"
                // Two nodes share the guesses; SIGKILL, so that nothing is written down on the way out.
                try await killing(2, over: database) { nodes in
                    let device = try await Self.register(email, at: nodes[0])
                    let client = Self.client(connections: 500)
                    let guess = Self.login(email, "wrong wrong")
                    async let person = nodes[1].post("/api/v1/auth/login", Self.login(email, device: device))
                    seen.guesses = try await withThrowingTaskGroup(of: Int.self) { group in
                        for number in 0..<1_000 { group.addTask { try await Self.status(of: guess, at: nodes[number % 2], client) } }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    try await client.shutdown()
                    let known = try await person
                    (seen.knownDevice, seen.device) = ([known.status], known.body.deviceToken.string)
                    for node in nodes { seen.stranger.append(try await node.post("/api/v1/auth/login", Self.login(email)).status) }
                }
                try await killing(1, over: database) { nodes in
                    seen.stranger.append(try await nodes[0].post("/api/v1/auth/login", Self.login(email)).status)
                    seen.guessesAfter = try await nodes[0].post("/api/v1/auth/login", Self.login(email, "wrong wrong")).status
                    seen.knownDevice.append(try await nodes[0].post("/api/v1/auth/login", Self.login(email, device: seen.device)).status)
                }
                let connection = try await database.connect()
                seen.counted = try await connection.query("SELECT sum(attempts)::bigint FROM tessera.login_attempts").decode(Int.self)[0]
                await connection.close()
                return seen
            }
        }
        // 401 says that the password was hashed. Nothing else may be: the queue of the hasher has room for all ten.
        #expect(seen.guesses.count { $0 == 401 } == 10)
        #expect(seen.guesses.count { $0 == 429 } == 990)
        #expect(seen.counted == 10)
        #expect(seen.stranger == [429, 429, 429], "the right password, by who may as well be a stranger: at both nodes, and after a restart")
        #expect(seen.guessesAfter == 429)
        #expect(seen.knownDevice == [200, 200], "during the thousand, and after a restart")
    }

    @Test func aDeviceHasGuessesOfItsOwnAndForItsOwnAccountOnly() async throws {
        let seen = try await Window.withinOne {
            try await RunningAPI.with(Self.limits.merging(["TESSERA_LIMITS_LOGIN": "3/900"]) { $1 }) { api in
                let device = try await Self.register("ada@example.com", at: api)
                let foreign = try await Self.register("eve@example.com", at: api)
                func statuses(_ count: Int, _ body: String) async throws -> [Int] {
                    var statuses: [Int] = []
                    for _ in 0..<count { statuses.append(try await api.post("/api/v1/auth/login", body).status) }
                    return statuses
                }
                return (
                    device: try await statuses(4, Self.login("ada@example.com", "wrong wrong", device: device)),
                    foreign: try await statuses(4, Self.login("ada@example.com", "wrong wrong", device: foreign)),
                    made: try await statuses(1, Self.login("ada@example.com", "wrong wrong", device: String(device.reversed()))),
                    own: try await statuses(1, Self.login("eve@example.com", device: foreign))
                )
            }
        }
        #expect(seen.device == [401, 401, 401, 429], "a device isn't free to guess either")
        #expect(seen.foreign == [401, 401, 401, 429], "another account's device is a stranger")
        #expect(seen.made == [429])
        #expect(seen.own == [200])
    }

    /// What is accepted: any case, white space around, letters beyond ASCII in their composed form.
    @Test(arguments: [
        ("ada.example@example.com", ["ADA.EXAMPLE@EXAMPLE.COM", "  Ada.Example@example.com\\t", "\\u00a0ada.example@EXAMPLE.com\\n"]),
        ("jos\u{E9}@example.com", ["JOS\u{C9}@EXAMPLE.COM", " Jos\u{E9}@example.com", "jos\u{C9}@Example.com\\n"]),
    ])
    func spellingsOfOneAddressShareAnAccountAndItsGuesses(registered: String, spellings: [String]) async throws {
        let seen = try await Window.withinOne {
            try await RunningAPI.with(Self.limits.merging(["TESSERA_LIMITS_LOGIN": "\(spellings.count)/900"]) { $1 }) { api in
                _ = try await Self.register(registered, at: api)
                let connection = try await api.database.connect()
                var seen = Spelling()
                for spelling in spellings {
                    seen.registrations.append(try await api.post("/api/v1/auth/register", Self.registration(spelling)).status)
                    seen.logins.append(try await api.post("/api/v1/auth/login", Self.login(spelling)).status)
                }
                for spelling in spellings {
                    seen.guesses.append(try await api.post("/api/v1/auth/login", Self.login(spelling, "wrong wrong")).status)
                }
                for spelling in spellings { seen.beyond.append(try await api.post("/api/v1/auth/login", Self.login(spelling)).status) }
                seen.counters = try await connection.query("SELECT count(*) FROM tessera.login_attempts").decode(Int.self)[0]
                await connection.close()
                return seen
            }
        }
        #expect(seen.registrations == spellings.map { _ in 409 }, "one account")
        #expect(seen.logins == spellings.map { _ in 200 })
        #expect(seen.guesses == spellings.map { _ in 401 })
        #expect(seen.beyond == spellings.map { _ in 429 })
        #expect(seen.counters == 1)
    }

    /// The mail proves who it is: from where a password was reset, its person gets in, however strangers go on guessing.
    @Test func whoResetThePasswordGetsInThoughStrangersGoOnGuessing() async throws {
        let limits = Self.limits.merging(["TESSERA_LIMITS_LOGIN": "2/900", "TESSERA_HTTP_TRUSTED_PROXIES": "127.0.0.0/8"]) { $1 }
        let seen = try await Window.withinOne {
            try await RunningAPI.with(limits) { api in
                _ = try await Self.register("ada@example.com", at: api)
                func post(_ path: String, _ json: String, from address: String) async throws -> Int {
                    try await api.send("POST", "/api/v1/auth/" + path, json: json, headers: [("X-Forwarded-For", address)]).status
                }
                func guesses() async throws -> [Int] {
                    var statuses: [Int] = []
                    for _ in 0..<3 { statuses.append(try await post("login", Self.login("ada@example.com", "wrong wrong"), from: "198.51.100.7")) }
                    return statuses
                }
                let before = try await guesses()
                _ = try await api.post("/api/v1/auth/password/forgot", #"{"email":"ada@example.com"}"#)
                let secret = try await api.mailedSecret("Reset your password", to: "ada@example.com")
                let right = Self.login("ada@example.com", "another horse battery")
                let early = try await post("login", right, from: "203.0.113.9")
                let reset = try await post("password/reset", #"{"secret":"\#(secret)","password":"another horse battery"}"#, from: "203.0.113.9")
                let after = try await guesses()
                return (
                    before: before, early: early, reset: reset, after: after, login: try await post("login", right, from: "203.0.113.9"),
                    elsewhere: try await post("login", right, from: "203.0.113.10")
                )
            }
        }
        #expect(seen.before == [401, 401, 429])
        #expect(seen.early == 429)
        #expect(seen.reset == 204)
        #expect(seen.after == [429, 429, 429])
        #expect(seen.login == 200)
        #expect(seen.elsewhere == 429)
    }

    /// Counters are rows that nothing evicts, so guesses at a million other names, here counted where the API counts its own, with
    /// five more through it, leave the victim's where it was.
    @Test func guessesAtAMillionOtherNamesLeaveTheVictimsCounterAlone() async throws {
        let seen = try await Window.withinOne {
            try await RunningAPI.with(Self.limits.merging(["TESSERA_LIMITS_LOGIN": "1/900"]) { $1 }) { api in
                _ = try await Self.register("ada@example.com", at: api)
                var victim = [try await api.post("/api/v1/auth/login", Self.login("ada@example.com", "wrong wrong")).status]
                let connection = try await api.database.connect()
                try await connection.script(
                    """
                    INSERT INTO tessera.login_attempts (account, window_start, attempts)
                    SELECT sha256(int8send(n)), (SELECT max(window_start) FROM tessera.login_attempts), 1 FROM generate_series(1, 1000000) AS n
                    """)
                var others: [Int] = []
                for number in 0..<5 {
                    others.append(try await api.post("/api/v1/auth/login", Self.login("name-\(number)@example.com", "wrong wrong")).status)
                }
                victim.append(try await api.post("/api/v1/auth/login", Self.login("ada@example.com")).status)
                let counters = try await connection.query("SELECT count(*) FROM tessera.login_attempts").decode(Int.self)[0]
                await connection.close()
                return (victim: victim, others: others, counters: counters)
            }
        }
        #expect(seen.victim == [401, 429])
        #expect(seen.others == seen.others.map { _ in 401 })
        #expect(seen.counters == 1_000_006)
    }

    /// Runs `body` beside that many nodes over one database, and kills them.
    private func killing(_ count: Int, over database: TestDatabase, _ body: ([RunningAPI]) async throws -> Void) async throws {
        var nodes: [RunningAPI] = []
        let outcome: Result<Void, any Error>
        do {
            for _ in 0..<count { nodes.append(try await RunningAPI.start(over: database, Self.limits)) }
            outcome = .success(try await body(nodes))
        } catch {
            outcome = .failure(error)
        }
        for node in nodes {
            node.process.signal(SIGKILL)
            _ = try await node.process.exitCode()
        }
        try outcome.get()
    }
}

/// What the thousand guesses met.
private struct Burst: Sendable {
    var guesses: [Int] = []
    var counted = 0
    var stranger: [Int] = []
    var guessesAfter = 0
    var knownDevice: [Int] = []
    var device: String?
}

private struct Spelling: Sendable {
    var registrations: [Int] = []
    var logins: [Int] = []
    var guesses: [Int] = []
    var beyond: [Int] = []
    var counters = 0
}

/// The windows that guesses are counted in: of 900 s since 1970.
private enum Window {
    /// What `body` saw within one window: it is run again if another began meanwhile, with guesses of its own.
    static func withinOne<Value>(_ body: () async throws -> Value) async throws -> Value {
        while true {
            let window = current
            let value = try await body()
            if current == window { return value }
        }
    }

    private static var current: Int { Int(Date().timeIntervalSince1970) / 900 }
}

extension GuessingTests {
    /// A client that opens that many connections to a node; the shared one would send eight requests at a time.
    private static func client(connections: Int) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private static func status(of body: String, at node: RunningAPI, _ client: HTTPClient) async throws -> Int {
        var request = HTTPClientRequest(url: node.url + "/api/v1/auth/login")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body))
        let response = try await client.execute(request, timeout: .seconds(60))
        _ = try await response.body.collect(upTo: 1 << 16)
        return Int(response.status.code)
    }

    /// Registers; answers the device token.
    private static func register(_ email: String, at api: RunningAPI) async throws -> String {
        let reply = try await api.post("/api/v1/auth/register", registration(email))
        guard reply.status == 201, let device = reply.body.deviceToken.string else { throw Unexpected(reply: reply) }
        return device
    }

    private static func registration(_ email: String) -> String {
        #"{"email":"\#(email)","password":"correct horse battery","name":"ada","tenantName":"ada & Sons"}"#
    }

    private static func login(_ email: String, _ password: String = "correct horse battery", device: String? = nil) -> String {
        #"{"email":"\#(email)","password":"\#(password)"\#(device.map { #","deviceToken":"\#($0)""# } ?? "")}"#
    }
}
