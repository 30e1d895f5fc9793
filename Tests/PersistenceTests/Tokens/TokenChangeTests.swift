import Domain
import FoundationEssentials
import Testing

/// Changes apply once, to the version they were made for.
@Suite(.ownDatabase) struct TokenChangeTests {
    private let stores: Stores

    init() throws { stores = try .required() }

    @Test func whatIsNamedChangesAndTheRestStays() async throws {
        let ada = try await stores.register()
        let token = try await stores.token(of: ada, name: "before")
        let described = try #require(
            try await update(token, TokenChange(name: "after", description: .some("what for"), metadata: Array(#"{"k": 1}"#.utf8)), ifVersion: 1))
        #expect(described.name == "after")
        #expect(described.description == "what for")
        #expect(described.isActive)
        #expect(described.metadata == Array(#"{"k": 1}"#.utf8))
        #expect(described.version == 2)
        #expect(described.updatedAt.inMicroseconds == Moment.after(60).inMicroseconds)
        #expect(described.owner.name == ada.user.name)

        let switchedOff = try #require(try await update(token, TokenChange(isActive: false), ifVersion: 2))
        #expect(switchedOff.description == "what for")
        #expect(!switchedOff.isActive)
        let cleared = try #require(try await update(token, TokenChange(description: .some(nil)), ifVersion: 3))
        #expect(cleared.description == nil)
        #expect(cleared.name == "after")
        #expect(try await stores.reread(token)?.version == 4)
    }

    @Test func aStaleVersionChangesNothing() async throws {
        let token = try await stores.token(of: try await stores.register(), name: "before")
        _ = try await update(token, TokenChange(isActive: false), ifVersion: 1)
        #expect(try await update(token, TokenChange(name: "after"), ifVersion: 1) == nil)
        #expect(try await update(token, TokenChange(name: "after"), ifVersion: 3) == nil)
        #expect(try await stores.reread(token)?.name == "before")
    }

    @Test func ofManyChangesToOneVersionOneApplies() async throws {
        let token = try await stores.token(of: try await stores.register())
        let applied = try await withThrowingTaskGroup(of: APIToken?.self) { group in
            for index in 0..<16 { group.addTask { try await update(token, TokenChange(name: "name \(index)"), ifVersion: 1) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }.compactMap(\.self)
        #expect(applied.count == 1)
        #expect(try await stores.reread(token)?.name == applied.first?.name)
        #expect(try await stores.reread(token)?.version == 2)
    }

    @Test func aRevokedOrDeletedTokenChangesNoMore() async throws {
        let ada = try await stores.register()
        let (revoked, deleted) = (try await stores.token(of: ada), try await stores.token(of: ada))
        _ = try await stores.tokens.revoke(revoked.id, in: ada.tenantID, by: .owner(ada), reason: nil, at: Moment.now)
        #expect(try await stores.tokens.delete(deleted.id, in: ada.tenantID, by: .owner(ada), at: Moment.now))
        #expect(try await update(revoked, TokenChange(isActive: true), ifVersion: 2) == nil)
        #expect(try await update(deleted, TokenChange(isActive: true), ifVersion: 2) == nil)
    }

    @Test func renamingToATakenNameIsRefused() async throws {
        let ada = try await stores.register()
        _ = try await stores.token(of: ada, name: "taken")
        let token = try await stores.token(of: ada, name: "mine")
        #expect(try await refusal { _ = try await update(token, TokenChange(name: "taken"), ifVersion: 1) } == .nameTaken)
        #expect(try await stores.reread(token)?.name == "mine")
        #expect(try await stores.reread(token)?.version == 1)
    }

    @Test func useDoesNotMoveTheVersion() async throws {
        let ada = try await stores.register()
        let token = try await stores.token(of: ada)
        try await stores.record(.sample(of: token.id, in: ada.tenantID))
        let used = try #require(try await stores.reread(token))
        #expect(used.activity?.lastUsedAt.inMicroseconds == Moment.now.inMicroseconds)
        #expect(used.version == 1)
    }

    private func update(_ token: APIToken, _ change: TokenChange, ifVersion version: Int) async throws -> APIToken? {
        try await stores.tokens.update(token.id, in: token.tenant, change, ifVersion: version, at: Moment.after(60))
    }
}
