package import Domain
import FoundationEssentials
import Postgres

/// Reads what is kept for retries: a tenant's as the application, the platform's as `tessera_auth`.
package struct IdempotencyTable: IdempotencyStore {
    private let tenants: TenantDatabase
    private let auth: AuthDatabase

    package init(_ tenants: TenantDatabase, _ auth: AuthDatabase) {
        self.tenants = tenants
        self.auth = auth
    }

    package func claim(under key: IdempotencyKey) async throws -> IdempotencyClaim? {
        // By primary key.
        let selection: SQL = """
            SELECT fingerprint, status, location, entity_tag, body FROM tessera.idempotency_keys
            WHERE tenant_id = \(key.tenant.uuid) AND credential_id = \(key.credential) AND route = \(key.route) AND key = \(key.text)
              AND created_at > now() - interval '24 hours'
            """
        let rows = key.tenant == .platform ? try await auth.query(selection) : try await tenants.query(key.tenant, selection)
        return try rows.first.map { row in
            let (fingerprint, status, location, tag, body) = try row.decode(Bytea.self, Int.self, String?.self, String?.self, String.self)
            return IdempotencyClaim(
                request: IdempotentRequest(key: key, fingerprint: fingerprint.bytes),
                answer: KeptAnswer(status: status, location: location, entityTag: tag, body: body))
        }
    }
}
