package import Domain
import FoundationEssentials
import Postgres

/// Reactions to tokens' events, made by the owner's function.
package struct TokenReactionTable: TokenReactions {
    private let database: JobsDatabase

    package init(_ database: JobsDatabase) { self.database = database }

    package func handle(_ most: Int) async throws -> [TokenReaction] {
        _ = try await database.query("SELECT tessera.leak_reports_take(\(Int32(most)))")
        return try await database.query("SELECT tenant, token, kind, reaction FROM tessera.token_events_handle(\(Int32(most)))")
            .decode(UUID.self, UUID.self, String.self, String.self)
            .map { TokenReaction(tenant: TenantID($0), token: TokenID($1), kind: $2, reaction: $3) }
    }

    package func noteExpiries(_ most: Int) async throws -> Int {
        try await database.query("SELECT tessera.token_expiry_note(\(Int32(most)))").decode(Int.self).first ?? 0
    }
}
