import Domain
import Foundation
import Postgres
import Support
import Testing

/// Whatever people, tokens and service accounts of two tenants do to each other: nobody ever gets more than was granted from above, nor
/// for longer, nor from elsewhere; and nobody gets less.
@Suite struct EscalationTests {
    @Test(arguments: [7, 8]) func tenThousandStepsGiveNobodyMoreThanWasGranted(seed: UInt64) async throws {
        try await RunningAPI.with(["TESSERA_HTTP_TRUSTED_PROXIES": "127.0.0.0/8"]) { api in
            let connection = try await api.database.connect()
            var walk = try await EscalationWalk(api, connection, seed: seed)
            for step in 1...10_000 {
                try await walk.step()
                guard walk.fault == nil else { break }
                if step.isMultiple(of: 500) { try await compare(walk.model, connection, step) }
            }
            #expect(walk.fault == nil, "\(walk.fault ?? "")")
            if walk.fault == nil {
                #expect(Set(walk.succeeded.keys) == EscalationWalk.everyKind, "\(walk.succeeded)")
                #expect(walk.succeeded.values.allSatisfy { $0 >= 20 }, "\(walk.succeeded)")
                #expect(walk.refused > 1000)
            }
            await connection.close()
        }
    }

    /// What is stored is what was granted, and every tenant has an owner.
    private func compare(_ model: EscalationModel, _ connection: PostgresConnection, _ step: Int) async throws {
        for (tenant, roles) in model.members {
            let stored = try await connection.query(
                "SELECT user_id::text, role FROM tessera.memberships WHERE tenant_id = \(tenant)::text::uuid"
            ).decode(String.self, String.self)
            #expect(Dictionary(uniqueKeysWithValues: stored) == roles.mapValues(\.rawValue), "step \(step)")
            #expect(roles.values.contains(.owner), "step \(step)")
        }
        let accounts = try await connection.query(
            "SELECT id::text, role || ' ' || status FROM tessera.service_accounts WHERE status <> 'deleted'"
        ).decode(String.self, String.self)
        #expect(
            Dictionary(uniqueKeysWithValues: accounts)
                == model.accounts.mapValues { "\($0.role.rawValue) \($0.isActive ? "active" : "disabled")" }, "step \(step)")
        let live = try await connection.query("SELECT id::text FROM tessera.api_tokens WHERE revoked_at IS NULL").decode(String.self)
        #expect(Set(live) == Set(model.tokens.filter { !$0.value.isEnded }.keys), "step \(step)")
    }
}
