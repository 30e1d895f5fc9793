import Domain
import Foundation
import Persistence
import Postgres
import Support
import Testing

/// What nodes read of the flags is of one moment, and only what changed.
@Suite(.ownDatabase, .serialized) struct FlagTableTests {
    @Test func everyDeclaredFlagHasItsRowAndStandsAsTheCodeSays() async throws {
        try await Stores.with { stores in
            let snapshot = try #require(try await FlagTable(AuthDatabase(stores.auth)).snapshot(since: nil))
            #expect(Set(snapshot.states.keys) == Set(FeatureFlag.allCases))
            for flag in FeatureFlag.allCases {
                #expect(snapshot.states[flag] == FlagState(defaultEnabled: flag.builtIn), "\(flag)")
            }
            #expect(snapshot.revision == FeatureFlag.allCases.count)
        }
    }

    @Test func overridesAreReadOnlyWhenAVersionMoved() async throws {
        let stores = try Stores.required()
        let table = FlagTable(AuthDatabase(stores.auth))
        let (one, two) = (try await stores.register().tenantID, try await stores.register().tenantID)
        let first = try #require(try await table.snapshot(since: nil))
        #expect(try await table.snapshot(since: first.revision) == nil)
        for (tenant, isEnabled) in [(one, true), (two, false)] {
            _ = try await stores.superuser.query(
                "INSERT INTO tessera.tenant_feature_flags VALUES (\(tenant.uuid), 'api-tokens', \(isEnabled), 'a test', \(UUID()), now())")
        }
        // Nobody moved the version: nothing has changed, as far as anybody was told.
        #expect(try await table.snapshot(since: first.revision) == nil)
        _ = try await stores.superuser.query("UPDATE tessera.feature_flags SET version = version + 1, rollout_percent = 7")
        let second = try #require(try await table.snapshot(since: first.revision))
        #expect(second.revision == first.revision + 1)
        #expect(second.states[.apiTokens] == FlagState(defaultEnabled: true, rolloutPercent: 7, overrides: [one: true, two: false]))
        #expect(try await table.snapshot(since: nil) == second)
    }

    @Test func aFlagThatThisCodeDoesNotKnowIsNoneAndChangesNothing() async throws {
        let stores = try Stores.required()
        let table = FlagTable(AuthDatabase(stores.auth))
        _ = try await stores.superuser.query(
            "INSERT INTO tessera.feature_flags (key, description, default_enabled, updated_at) VALUES ('of-tomorrow', '', true, now())")
        let known = try #require(try await table.snapshot(since: nil))
        #expect(Set(known.states.keys) == Set(FeatureFlag.allCases))
        #expect(try await table.snapshot(since: known.revision) == nil)
        _ = try await stores.superuser.query("DELETE FROM tessera.feature_flags WHERE key = 'of-tomorrow'")
    }

    /// Whoever reads them elsewhere would go by something else than what the node goes by, or ask the database on each request.
    @Test func nothingElseReadsTheTables() throws {
        let root = Checkout.path("")
        let folders = ["Modules", "Apps"]
        let files = try folders.flatMap { folder in
            try #require(FileManager.default.enumerator(atPath: root + "/" + folder)).compactMap { $0 as? String }.map { folder + "/" + $0 }
        }.filter { $0.hasSuffix(".swift") }
        let readers = try files.filter { try String(contentsOfFile: root + "/" + $0, encoding: .utf8).contains(/tessera\.(tenant_)?feature_flags/) }
        #expect(readers.sorted() == ["Modules/Persistence/Flags/FlagTable.swift", "Modules/Persistence/Flags/PlatformFlagTable.swift"])
    }
}
