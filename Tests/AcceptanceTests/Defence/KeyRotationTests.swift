import Foundation
import Postgres
import Support
import Testing

/// `tessera-api keys rotate` under load: no node answers anyone 401.
@Suite struct KeyRotationTests {
    /// A new key signs a minute after it was made. Its row is made a minute older as soon as every node publishes it, so that it
    /// takes over when the nodes next read the keys, which they do every 16 to 20 s: three times in this test.
    @Test(.timeLimit(.minutes(5))) func twoRotationsUnderLoadLogNobodyOut() async throws {
        try await RunningAPI.with(["TESSERA_LOG_LEVEL": "notice"]) { first in
            let second = try await RunningAPI.start(over: first.database, ["TESSERA_LOG_LEVEL": "notice"])
            do {
                let nodes = [first, second]
                let ada = try await first.register()
                let load = Load(nodes: nodes, seen: Seen())
                async let working: Void = load.run(ada, renewing: try await first.register("eve"))
                let one = try await Self.rotate(nodes)
                try await Self.age(one, at: first.database)
                // The second rotation comes before the first key has taken over.
                let two = try await Self.rotate(nodes)
                try await load.seen.waits(for: one)
                try await Self.age(two, at: first.database)
                try await load.seen.waits(for: two)
                await load.seen.finish()
                try await working
                let (statuses, signers) = await (load.seen.statuses, load.seen.signers)
                #expect(statuses.keys.sorted() == [200], "\(statuses)")
                #expect(statuses[200, default: 0] > 500)
                #expect(signers == [try #require(JWT.kid(ada.accessToken)), one, two])
                try await second.stop()
            } catch {
                second.process.signal(SIGKILL)
                throw error
            }
        }
    }

    /// Rotates, and waits until every node publishes the new key. Answers its id.
    private static func rotate(_ nodes: [RunningAPI]) async throws -> String {
        let rotation = try await run(
            try Checkout.executable("tessera-api"), ["keys", "rotate"], environment: RunningAPI.environment(for: nodes[0].database))
        let key = try #require(rotation.output.split(separator: " ").dropFirst(2).first.map { String($0) }, "\(rotation.errors)")
        for node in nodes {
            try await eventually("the node publishes \(key)") {
                try await node.get("/.well-known/jwks.json").body.keys.array.contains { $0.kid.string == key }
            }
        }
        return key
    }

    private static func age(_ key: String, at database: TestDatabase) async throws {
        let connection = try await database.connect()
        let aged = try await connection.query(
            "UPDATE tessera.signing_keys SET created_at = created_at - interval '61 seconds' WHERE kid = \(key) RETURNING kid")
        await connection.close()
        #expect(aged.count == 1)
    }
}

/// What people do meanwhile, each thing at every node in turn, until the answers are in.
private struct Load: Sendable {
    let nodes: [RunningAPI]
    let seen: Seen

    func run(_ ada: Account, renewing eve: Account) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.callWithOldToken(ada) }
            group.addTask { try await self.renew(eve) }
            group.addTask { try await self.logIn(ada) }
            try await group.waitForAll()
        }
    }

    /// The token from before the rotations.
    private func callWithOldToken(_ ada: Account) async throws {
        while await seen.goOn {
            for node in nodes { await seen.note(try await node.get("/api/v1/me", as: ada.accessToken)) }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func renew(_ eve: Account) async throws {
        var refreshToken = eve.refreshToken
        while await seen.goOn {
            for node in nodes {
                let reply = try await node.post("/api/v1/auth/refresh", #"{"refreshToken":"\#(refreshToken)"}"#)
                refreshToken = reply.body.refreshToken.string ?? refreshToken
                try await use(reply)
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func logIn(_ ada: Account) async throws {
        while await seen.goOn {
            for node in nodes {
                try await use(try await node.post("/api/v1/auth/login", #"{"email":"\#(ada.email)","password":"correct horse battery"}"#))
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// A token that one node has just signed is good at every node.
    private func use(_ reply: Reply) async throws {
        await seen.note(reply)
        guard let token = reply.body.accessToken.string else { return }
        for node in nodes { await seen.note(try await node.get("/api/v1/me", as: token)) }
    }
}

/// The answers so far.
private actor Seen {
    private(set) var statuses: [Int: Int] = [:]
    /// The keys that signed, in the order of their first signature.
    private(set) var signers: [String] = []
    private(set) var goOn = true

    func finish() { goOn = false }

    func note(_ reply: Reply) {
        statuses[reply.status, default: 0] += 1
        if let kid = reply.body.accessToken.string.flatMap(JWT.kid), !signers.contains(kid) { signers.append(kid) }
    }

    private func hasSigned(_ key: String) -> Bool { signers.contains(key) }

    nonisolated func waits(for key: String) async throws {
        try await eventually("\(key) signs") { await hasSigned(key) }
    }
}

private enum JWT {
    /// The key that the header of an access token names (RFC 7515 §4.1.4).
    static func kid(_ token: String) -> String? {
        let header = token.prefix { $0 != "." }.replacing("-", with: "+").replacing("_", with: "/")
        let padded = header + String(repeating: "=", count: (4 - header.count % 4) % 4)
        return Data(base64Encoded: String(padded)).flatMap { JSON($0).kid.string }
    }
}
