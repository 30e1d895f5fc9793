import Auth
import Domain
import Foundation
import Postgres
import Support
import Testing

/// Credentials that are none cost next to nothing, and leave no trace with anybody.
@Suite(.serialized, .timeLimit(.minutes(5))) struct JunkTests {
    @Test func aHundredThousandRequestsWithJunkCostNextToNothing() async throws {
        try await PrivateServer.with(settings: ServerStatistics.settings) { server in
            let database = try await TestDatabase.migrated(on: server)
            try await ServerStatistics.with(server, database) { statistics in
                try await RunningAPI.with(over: database, ["TESSERA_LOG_LEVEL": "notice"]) { api in
                    let ada = try await api.register()
                    let token = try await api.token(ada)
                    let malformed = Junk.malformed(50_000, like: token.secret)
                    let unknown = try Junk.unknown(100, in: ada)
                    // What a process grows to when it is first used isn't what junk takes.
                    for credentials in [malformed, unknown] { _ = try await BearerLoad.run(api, credentials: credentials, requests: 5_000) }
                    let before = try api.residentKilobytes

                    try await statistics.reset()
                    let first = try await BearerLoad.run(api, credentials: malformed, requests: 50_000)
                    #expect(first.counts.keys.sorted() == [401])
                    #expect(first.sent >= 50_000)
                    let none = try await statistics.statements(of: "tessera_auth", "tessera_app").filter { !$0.isUpkeep }
                    #expect(none.map(\.text) == [])

                    let second = try await BearerLoad.run(api, credentials: unknown, requests: 50_000)
                    #expect(second.counts.keys.sorted() == [401])
                    #expect(second.sent >= 50_000)
                    let asked = try await statistics.statements(of: "tessera_auth", "tessera_app").filter { !$0.isUpkeep }
                    #expect(asked.count == 1 && asked.allSatisfy { $0.text.contains("tessera.api_tokens") }, "\(asked)")
                    // An id is asked for again after 5 s at the soonest, and then by as many at once as there are connections.
                    let calls = asked.reduce(0) { $0 + $1.calls }
                    let bound = (Int(second.seconds / 5) + 2) * (100 + 16)
                    #expect((1...bound).contains(calls))
                    #expect(try await api.metric("tessera_token_misses_total") >= 50_000)

                    let after = try api.residentKilobytes
                    #expect(after - before < 16 << 10, "KiB")
                    print(
                        "junk: \(Int(Double(first.sent) / first.seconds)) malformed/s, 0 statements; "
                            + "\(Int(Double(second.sent) / second.seconds)) unknown/s, \(calls) statements (bound \(bound)); "
                            + "resident \(before) KiB, then \(after) KiB")
                    #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
                    #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 1) == 1)
                    let superuser = try await database.connect()
                    #expect(try await superuser.query("SELECT count(*) FROM tessera.api_token_usage").decode(Int.self) == [1])
                    await superuser.close()
                }
            }
        }
    }

    @Test func wrongSecretsOfARealTokenLeaveNoTraceWithItsOwner() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            let token = try await api.token(ada)
            let events = try await api.get("/api/v1/tokens/\(token.id)/events", as: ada.accessToken)
            let wrong = try Junk.wrongSecrets(1_000, of: token, in: ada)
            let load = try await BearerLoad.run(api, credentials: wrong, requests: 1_000)
            #expect(load.counts == [401: load.sent])
            #expect(load.sent >= 1_000)
            #expect(try await api.get("/api/v1/me", as: token.secret).status == 200)
            // The real use is stored behind them, so they would be there by now.
            #expect(try await api.usageTotal(of: token.id, as: ada.accessToken, reaches: 1) == 1)
            // The real use may have been the first from its network.
            let since = try await api.get("/api/v1/tokens/\(token.id)/events", as: ada.accessToken).body.events.array
            #expect(since.filter { $0.kind.string?.contains("network") != true } == events.body.events.array)
            let superuser = try await api.database.connect()
            let traces = try await superuser.query(
                "SELECT (SELECT count(*) FROM tessera.api_token_usage), (SELECT sum(requests)::bigint FROM tessera.api_token_usage_hourly)"
            ).decode(Int.self, Int.self)[0]
            #expect(traces == (1, 1))
            await superuser.close()
        }
    }
}

/// Credentials that are none of anybody's.
private enum Junk {
    /// `count` different texts that are almost `token`, or like one of another kind.
    static func malformed(_ count: Int, like token: String) -> [String] {
        let token = Array(token.utf8)
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in digits[Int.random(in: 0..<62)] } }
        return (0..<count).map { index in
            // Its secret is another each time, and none of them has the checksum that goes with it.
            var text = token
            text.replaceSubrange(49..<69, with: random(20))
            switch index % 6 {
            case 0: break
            case 1: text.removeLast(Int.random(in: 1...28))
            case 2: text += random(Int.random(in: 1...40))
            case 3: text = Array(String(decoding: text, as: UTF8.self).lowercased().utf8)
            case 4: text.replaceSubrange(0..<4, with: "tss_".utf8)
            default: text = Array("eyJhbGciOiJFZERTQSJ9.".utf8) + random(60) + [UInt8(ascii: ".")] + random(86)
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// Tokens in every way as ours, of ids that nobody has: half of them in the tenant of `account`.
    static func unknown(_ count: Int, in account: Account) throws -> [String] {
        let (tenant, user) = try ids(of: account)
        return (0..<count).map { index in
            mint(TokenID(UUID()), of: user, in: index % 2 == 0 ? tenant : TenantID(UUID()))
        }
    }

    /// Other secrets under the id of `token`, with good checksums.
    static func wrongSecrets(_ count: Int, of token: IssuedToken, in account: Account) throws -> [String] {
        let (tenant, user) = try ids(of: account)
        let id = try #require(TokenID(token.id))
        return (0..<count).map { _ in mint(id, of: user, in: tenant) }
    }

    private static func ids(of account: Account) throws -> (TenantID, UserID) {
        (try #require(TenantID(account.tenant)), try #require(UserID(account.user)))
    }

    private static func mint(_ id: TokenID, of user: UserID, in tenant: TenantID) -> String {
        APITokenMint().mint(id, for: .user(user), in: tenant).plain.reveal()
    }
}

extension RunningAPI {
    /// What the process has in memory.
    fileprivate var residentKilobytes: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(process.identifier)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
            return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        }
    }
}
