package import Domain
import FoundationEssentials
import Postgres

/// Reactions to tokens' events, made by the owner's function.
package struct TokenReactionTable: TokenReactions {
    private let database: JobsDatabase

    package init(_ database: JobsDatabase) { self.database = database }

    package func handle(_ most: Int) async throws -> [TokenReaction] {
        try await database.query("SELECT tenant, token, kind, reaction FROM tessera.token_events_handle(\(Int32(most)))")
            .decode(UUID.self, UUID.self, String.self, String.self)
            .map { TokenReaction(tenant: TenantID($0), token: TokenID($1), kind: $2, reaction: $3) }
    }
}
