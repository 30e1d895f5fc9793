import Domain
package import Postgres

/// The database as `tessera_app`: every unit says whose it is, and there is no way to leave that out.
package struct TenantDatabase: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// Runs `statements` as one transaction of `tenant`, in one round trip: row security shows that tenant's rows only.
    ///
    /// - Parameter claim: what came with the change's ``AuditEntry``.
    func unit(_ tenant: TenantID, _ statements: [SQL], claiming claim: IdempotencyClaim? = nil) async throws -> [Rows] {
        try await DatabaseFailure.translated { try await pool.unit(statements, in: tenant, claiming: claim) }
    }

    func query(_ tenant: TenantID, _ statement: SQL) async throws -> Rows {
        try await unit(tenant, [statement]).first ?? Rows.none
    }
}

/// The database as `tessera_auth`: before there is a principal.
package struct AuthDatabase: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    func query(_ statement: SQL) async throws -> Rows { try await DatabaseFailure.translated { try await pool.query(statement) } }

    /// Runs `statements` as one transaction that may change rows of `tenant`, and whose audit entries are that tenant's.
    func unit(in tenant: TenantID, _ statements: [SQL], claiming claim: IdempotencyClaim? = nil) async throws -> [Rows] {
        try await DatabaseFailure.translated { try await pool.unit(statements, in: tenant, claiming: claim) }
    }

    func unit(_ statements: [SQL]) async throws -> [Rows] {
        try await DatabaseFailure.translated { try await pool.unit(statements) }
    }
}

/// The database as `tessera_admin`: what platform administrators do, over all tenants.
package struct AdminDatabase: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    func unit(_ statements: [SQL]) async throws -> [Rows] {
        try await DatabaseFailure.translated { try await pool.unit(statements) }
    }

    /// Runs `statements` as one transaction whose audit entries are that tenant's.
    func unit(in tenant: TenantID, _ statements: [SQL], claiming claim: IdempotencyClaim? = nil) async throws -> [Rows] {
        try await DatabaseFailure.translated { try await pool.unit(statements, in: tenant, claiming: claim) }
    }
}

/// The database as `tessera_ingest`: usage batches.
package struct IngestDatabase: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }
}

/// The database as `tessera_jobs`: upkeep.
package struct JobsDatabase: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    func query(_ statement: SQL) async throws -> Rows { try await pool.query(statement) }
}
