package import Domain
import FoundationEssentials
import Postgres

/// Reactions to tokens' events, made by the owner's function.
package struct TokenReactionTable: TokenReactions {
    private let database: JobsDatabase

    /// Reports of one statement. One of nothing costs little, and a flood of them mustn't hide a real one: some 20,000 a round.
    private static let reports = 1000
    private static let rounds = 20

    package init(_ database: JobsDatabase) { self.database = database }

    package func handle(_ most: Int) async throws -> [TokenReaction] {
        for _ in 0..<Self.rounds {
            let taken = try await database.query("SELECT tessera.leak_reports_take(\(Int32(Self.reports)))").decode(Int.self).first ?? 0
            if taken < Self.reports { break }
        }
        return try await database.query("SELECT tenant, token, kind, reaction FROM tessera.token_events_handle(\(Int32(most)))")
            .decode(UUID.self, UUID.self, String.self, String.self)
            .map { TokenReaction(tenant: TenantID($0), token: TokenID($1), kind: $2, reaction: $3) }
    }

    package func noteExpiries(_ most: Int) async throws -> Int {
        try await database.query("SELECT tessera.token_expiry_note(\(Int32(most)))").decode(Int.self).first ?? 0
    }
}
