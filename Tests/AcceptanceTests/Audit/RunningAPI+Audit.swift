import Foundation
import Postgres
import Support

extension RunningAPI {
    /// Writes entries into a tenant's chain, past the API; `target` may use `n`, the entry's number from 1.
    func writeAudit(_ count: Int, in tenant: String, target: SQL = "n::text") async throws {
        try await onDatabase {
            _ = try await $0.query(
                """
                SELECT tessera.audit_write(\(tenant)::text::uuid, gen_random_uuid(), now() - interval '1 day' + make_interval(secs => n), 'system',
                    NULL, 'token.revoked', 'api_token', \(target), NULL, NULL, jsonb_build_object('reason', 'idle', 'padding', repeat('x', 100)))
                FROM generate_series(1, \(Int32(count))) n
                """)
        }
    }

    /// Runs `body` over a connection of the superuser.
    func onDatabase<Value>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        let connection = try await database.connect()
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// `tessera-api audit verify`, over this database.
    func auditVerify(_ arguments: [String] = []) async throws -> Finished {
        try await run(
            try Checkout.executable("tessera-api"), ["audit", "verify"] + arguments, environment: Self.environment(for: database))
    }
}

/// The cells of CSV as RFC 4180 has it.
func cells(ofCSV text: String) -> [[String]] {
    var (lines, line, cell, isQuoted): ([[String]], [String], String, Bool) = ([], [], "", false)
    var rest = Array(text.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
        if isQuoted {
            if scalar != "\"" {
                cell.unicodeScalars.append(scalar)
            } else if rest.first == "\"" {
                cell.unicodeScalars.append(rest.removeFirst())
            } else {
                isQuoted = false
            }
        } else if scalar == "\"" {
            isQuoted = true
        } else if scalar == "," {
            (line, cell) = (line + [cell], "")
        } else if scalar == "\r", rest.first == "\n" {
            rest.removeFirst()
            lines.append(line + [cell])
            (line, cell) = ([], "")
        } else {
            cell.unicodeScalars.append(scalar)
        }
    }
    return lines
}
