import Foundation
import Postgres
import Support
import Testing

/// `tessera-api audit verify` finds what was done to the rows, names it in a sentence and ends with 1.
@Suite struct AuditVerifyTests {
    @Test func whatTheAPIWroteIsInOrderAlsoWhileItServes() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            _ = try await api.token(ada)
            let done = try await api.auditVerify()
            #expect(done.code == 0, "\(done.errors)")
            #expect(done.output == "2 rows of 1 tenants are in order.\n")
            #expect(try await api.auditVerify(["--tenant", ada.tenant]).output == "2 rows of 1 tenants are in order.\n")
            #expect(try await api.auditVerify(["--tenant", "acme"]).code == 64)
            let unknown = try await api.auditVerify(["--tenant", UUID().uuidString])
            #expect(unknown.code == 1)
            #expect(unknown.errors.contains("there are neither audit rows nor a head"))
        }
    }

    @Test func aTamperedARemovedAndACutOffRowAreFound() async throws {
        try await RunningAPI.with { api in
            for (damage, sentence) in [
                ("UPDATE tessera.audit_log SET target_id = 'x' WHERE seq = 3 AND tenant_id", "row 3 (id "),
                ("DELETE FROM tessera.audit_log WHERE seq = 3 AND tenant_id", "row 3 was removed."),
                ("DELETE FROM tessera.audit_log WHERE seq > 4 AND tenant_id", "the chain ends with row 4 and its head says row 6"),
            ] {
                let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
                try await api.writeAudit(5, in: ada.tenant)
                try await api.onDatabase { _ = try await $0.query("\(unsafeRaw: damage) = \(ada.tenant)::text::uuid") }
                for arguments in [[], ["--tenant", ada.tenant]] {
                    let done = try await api.auditVerify(arguments)
                    #expect(done.code == 1)
                    #expect(done.errors.contains("Tenant \(ada.tenant): \(sentence)"), "\(done.errors)")
                    #expect(!done.errors.contains(bob.tenant))
                    #expect(done.output.isEmpty || !done.output.contains("in order"))
                }
                #expect(try await api.auditVerify(["--tenant", bob.tenant]).code == 0)
            }
        }
    }

    @Test func rowsThatAreGoneTogetherWithTheHeadAreMissedByTheLog() async throws {
        let log = FileManager.default.temporaryDirectory.appending(path: "tessera-heads-\(UUID().uuidString).log").path
        defer { try? FileManager.default.removeItem(atPath: log) }
        try await RunningAPI.with { api in
            let (ada, bob) = (try await api.register("ada"), try await api.register("bob"))
            try await api.writeAudit(5, in: ada.tenant)
            // An hour goes by, and the next process logs what has moved.
            try await api.onDatabase { _ = try await $0.query("UPDATE tessera.job_runs SET last_finished_at = now() - interval '1 hour'") }
            try await RunningAPI.with(over: api.database) { next in
                try await eventually("the heads are logged") {
                    next.process.standardOutput.contains(ada.tenant) && next.process.standardOutput.contains(bob.tenant)
                }
                try next.process.standardOutput.write(toFile: log, atomically: true, encoding: .utf8)
            }
            // Whoever logged it, a head isn't logged twice.
            let heads = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").filter { $0.contains("\"audit head\"") }
            #expect(heads.count == 2)
            let intact = try await api.auditVerify(["--heads", log])
            #expect(intact.code == 0, "\(intact.errors)")
            #expect(intact.output == "7 rows of 2 tenants are in order, and 2 logged heads are in their chains.\n")

            try await api.onDatabase {
                _ = try await $0.query("DELETE FROM tessera.audit_log WHERE seq > 4 AND tenant_id = \(ada.tenant)::text::uuid")
                _ = try await $0.query(
                    """
                    UPDATE tessera.audit_head h SET seq = l.seq, hash = l.hash, previous_hash = l.previous_hash FROM tessera.audit_log l
                    WHERE h.tenant_id = \(ada.tenant)::text::uuid AND l.tenant_id = h.tenant_id AND l.seq = 4
                    """)
            }
            #expect(try await api.auditVerify().code == 0)
            let cut = try await api.auditVerify(["--heads", log])
            #expect(cut.code == 1)
            #expect(cut.errors.contains("Tenant \(ada.tenant): row 6 was the last one once"), "\(cut.errors)")
            #expect(!cut.errors.contains(bob.tenant))
            #expect(try await api.auditVerify(["--heads", log, "--tenant", bob.tenant]).code == 0)
            // What proves nothing is no proof.
            #expect(
                try await api.auditVerify(["--heads", log, "--tenant", UUID().uuidString]).errors.contains(
                    "has no line about an audit head of tenant"))
            #expect(try await api.auditVerify(["--heads", "/dev/null"]).errors.contains("has no line about an audit head"))
            #expect(try await api.auditVerify(["--heads", log + "x"]).errors.contains("can't be read"))
            try "{\"message\":\"audit head\",\"seq\":\"5\"".write(toFile: log, atomically: true, encoding: .utf8)
            #expect(try await api.auditVerify(["--heads", log]).errors.contains("has a damaged line"))
        }
    }
}
