import Domain
import Postgres

extension IdempotencyClaim {
    /// The first statement of the change's transaction: fails it unless nobody has made the claim, or is making it. By primary key.
    fileprivate var check: SQL { "SELECT tessera.idempotency_check(\(request.key.parts))" }

    /// A call to be selected where the change has happened: keeps the claim.
    var keeping: SQL {
        """
        tessera.idempotency_keep(\(request.key.parts), \(Bytea(request.fingerprint)), \(Int32(answer.status)), \(answer.location),
            \(answer.entityTag), \(answer.body))
        """
    }
}

extension IdempotencyKey {
    /// The four columns of the table's primary key, in its order.
    fileprivate var parts: SQL { "\(tenant.uuid), \(credential), \(route), \(text)" }
}

extension PostgresPool {
    /// ``unit(_:settings:)`` of `tenant`, which happens only if `claim` wasn't made before.
    func unit(_ statements: [SQL], in tenant: TenantID, claiming claim: IdempotencyClaim?) async throws -> [Rows] {
        let rows = try await unit((claim.map { [$0.check] } ?? []) + statements, settings: [Setting("app.tenant_id", tenant.description)])
        return claim == nil ? rows : Array(rows.dropFirst())
    }
}
