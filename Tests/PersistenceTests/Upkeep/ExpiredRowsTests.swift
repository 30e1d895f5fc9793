import Domain
import Foundation
import Persistence
import Postgres
import Testing

/// What has had its time is deleted, and nothing that is still good for anything.
@Suite(.ownDatabase, .serialized) struct ExpiredRowsTests {
    @Test func onlyWhatIsPastItsRetentionGoes() async throws {
        let stores = try Stores.required()
        let account = try await stores.register()
        let user = account.user.id.uuid
        func session(_ assignments: SQL) async throws {
            let id = UUID()
            _ = try await stores.superuser.query(
                """
                INSERT INTO tessera.sessions (user_id, id, created_at, last_used_at, auth_time, expires_at)
                VALUES (\(user), \(id), now(), now(), now(), now() + interval '90 days')
                """)
            _ = try await stores.superuser.query("UPDATE tessera.sessions SET \(assignments) WHERE id = \(id)")
        }
        _ = try await stores.superuser.query("DELETE FROM tessera.sessions")
        for age in ["29 days", "31 days"] { try await session("revoked_at = now() - \(age)::interval") }
        for age in ["29 days", "31 days"] { try await session("expires_at = now() - \(age)::interval") }
        for age in ["43 days", "45 days"] { try await session("last_used_at = now() - \(age)::interval") }
        for age in ["6 days", "8 days"] {
            _ = try await stores.superuser.query(
                "INSERT INTO tessera.login_attempts VALUES (decode(repeat('00', 32), 'hex'), now() - \(age)::interval, 1)")
            _ = try await stores.superuser.query(
                """
                INSERT INTO tessera.one_time_secrets (purpose, id, subject_id, email, hash, created_at, expires_at)
                VALUES ('invitation', \(UUID()), \(user), 'a', decode(repeat('00', 32), 'hex'), now(), now() - \(age)::interval)
                """)
        }
        _ = try await stores.superuser.query("UPDATE tessera.device_tokens SET expires_at = now() - interval '1 second'")
        // The mail of the registration waits however old it is; a sent one goes.
        _ = try await stores.superuser.query("UPDATE tessera.outbox SET created_at = now() - interval '99 days'")
        #expect(try await rows(stores).sweep(100)["outbox"] == 0)
        _ = try await stores.superuser.query("UPDATE tessera.outbox SET next_attempt_at = NULL")
        try await session("revoked_at = now() - interval '31 days'")
        for age in ["23 hours 59 minutes", "24 hours"] {
            _ = try await stores.superuser.query(
                """
                INSERT INTO tessera.idempotency_keys (tenant_id, credential_id, route, key, fingerprint, status, body, created_at)
                VALUES (\(UUID()), \(UUID()), 'POST /api/v1/tokens', 'k', decode(repeat('00', 32), 'hex'), 201, '{}', now() - \(age)::interval)
                """)
        }

        let swept = try await rows(stores).sweep(100)
        #expect(swept == ["sessions": 1, "login_attempts": 0, "one_time_secrets": 0, "device_tokens": 0, "outbox": 1, "idempotency_keys": 1])
        #expect(try await stores.count("sessions", where: "true") == 3)
        #expect(try await stores.count("login_attempts", where: "true") == 1)
        #expect(try await stores.count("one_time_secrets", where: "true") == 1)
        #expect(try await stores.count("device_tokens", where: "true") == 0)
        #expect(try await stores.count("idempotency_keys", where: "true") == 1)
    }

    @Test func noMoreGoThanWasAskedFor() async throws {
        let stores = try Stores.required()
        _ = try await stores.superuser.query(
            """
            INSERT INTO tessera.login_attempts
            SELECT decode(repeat('11', 32), 'hex'), now() - interval '9 days' - n * interval '1 minute', 1 FROM generate_series(1, 25) n
            """)
        var counts: [Int] = []
        for _ in 0..<4 { counts.append(try await rows(stores).sweep(10)["login_attempts"] ?? -1) }
        #expect(counts == [10, 10, 5, 0])
    }

    private func rows(_ stores: Stores) -> any ExpiredRows { ExpiredRowsTable(JobsDatabase(stores.jobs)) }
}
