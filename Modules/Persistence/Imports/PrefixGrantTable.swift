package import Domain
import FoundationEssentials
import Postgres

/// The foreign prefixes that are in force.
package struct PrefixGrantTable: PrefixGrants {
    private let database: AuthDatabase

    package init(_ database: AuthDatabase) { self.database = database }

    package func grants() async throws -> [PrefixGrant] {
        // A row for each tenant that has one: read in full. A deleted tenant's is in force no more.
        try await database.query(
            """
            SELECT p.tenant_id, p.prefix, p.length, p.alphabet FROM tessera.token_prefixes p
            JOIN tessera.tenants n ON n.id = p.tenant_id AND n.status <> 'deleted'
            """
        ).decode(UUID.self, String.self, Int.self, String.self).map { tenant, prefix, length, alphabet in
            PrefixGrant(tenant: TenantID(tenant), prefix: ForeignPrefix(text: prefix, length: length, alphabet: alphabet))
        }
    }
}
