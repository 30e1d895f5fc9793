import Domain
import FoundationEssentials
import Persistence
import Postgres

extension Stores {
    var auditLog: any AuditStore { AuditTable(TenantDatabase(app)) }
    var platformAudit: any PlatformAuditStore { PlatformAuditTable(AdminDatabase(admin)) }
    var auditHeads: any AuditHeads { AuditHeadTable(JobsDatabase(jobs)) }

    /// Verifies as `tessera-api audit verify` does.
    func auditVerification(retentionDays: Int = 400, chains: (any AuditChains)? = nil) -> AuditVerification {
        AuditVerification(chains: chains ?? AuditChainTable(AdminDatabase(admin)), retentionDays: retentionDays, now: { Date() })
    }

    /// Where the tenant's chain is broken first.
    func auditFault(of tenant: TenantID) async throws -> AuditFault.Kind? {
        try await auditVerification().faults(of: tenant) { _ in }.faults.first?.kind
    }

    /// Writes `count` entries into the tenant's chain, the first of them `days` ago and each a second after the one before.
    func write(_ count: Int, in tenant: TenantID, daysAgo days: Int = 0, _ action: AuditAction = .userLoggedIn) async throws {
        _ = try await superuser.query(
            """
            SELECT tessera.audit_write(\(tenant.uuid), gen_random_uuid(), now() - make_interval(days => \(Int32(days))) + make_interval(secs => n),
                'user', \(tenant.uuid), \(action.rawValue), 'session', n::text, '203.0.113.7', gen_random_uuid(), '{"role": "admin"}')
            FROM generate_series(1, \(Int32(count))) n
            """)
    }

    /// A tenant that is known to the audit log alone, with that many entries.
    func chain(of count: Int, daysAgo days: Int = 0) async throws -> TenantID {
        let tenant = TenantID(UUID())
        try await write(count, in: tenant, daysAgo: days)
        return tenant
    }

    /// The id of an entry.
    func auditID(_ seq: Int64, of tenant: TenantID) async throws -> UUID {
        try await superuser.query("SELECT id FROM tessera.audit_log WHERE tenant_id = \(tenant.uuid) AND seq = \(seq)").decode(UUID.self)[0]
    }
}
