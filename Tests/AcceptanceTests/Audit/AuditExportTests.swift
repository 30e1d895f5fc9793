import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Postgres
import Support
import Testing

/// The whole audit log as a file: streamed, safe in a spreadsheet, and never cut short unnoticed.
@Suite(.serialized) struct AuditExportTests {
    @Test func csvAndNDJSONSayWhatTheListSays() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            try await api.writeAudit(1201, in: ada.tenant)
            var (listed, cursor): ([JSON], String?) = ([], "")
            while let next = cursor {
                let page = try await api.get("/api/v1/audit?limit=100\(next.isEmpty ? "" : "&cursor=\(next)")", as: ada.accessToken).body
                (listed, cursor) = (listed + page.events.array, page.pagination.nextCursor.string)
            }
            #expect(listed.count == 1202)

            let json = try await api.export("application/x-ndjson", as: ada.accessToken)
            #expect(json.header("Content-Type") == "application/x-ndjson")
            #expect(json.header("Content-Disposition")?.wholeMatch(of: /attachment; filename="audit-\d{4}-\d\d-\d\d\.ndjson"/) != nil)
            #expect(json.header("Vary") == "Accept")
            #expect(json.header("Cache-Control") == "no-store")
            #expect(json.header("Content-Length") == nil)
            #expect(json.bytes.last == UInt8(ascii: "\n"))
            #expect(json.bytes.split(separator: UInt8(ascii: "\n")).map { JSON(Data($0)) } == listed)

            let csv = try await api.export("text/csv", as: ada.accessToken)
            #expect(csv.header("Content-Type") == "text/csv; charset=utf-8; header=present")
            #expect(csv.header("Content-Disposition")?.hasSuffix(".csv\"") == true)
            let lines = cells(ofCSV: String(decoding: csv.bytes, as: UTF8.self))
            #expect(
                lines[0] == ["id", "occurredAt", "actorType", "actorId", "action", "targetType", "targetId", "ipAddress", "requestId", "changes"])
            #expect(lines.count == 1203)
            for (line, event) in zip(lines.dropFirst(), listed) {
                #expect(line[0] == event.id.string)
                #expect(line[6] == event.target.id.string)
                #expect(JSON(Data(line[9].utf8)) == event.changes)
            }
            // Filters count; what isn't one is refused before anything is sent.
            let one = try await api.export("text/csv", "?target=17", as: ada.accessToken)
            #expect(cells(ofCSV: String(decoding: one.bytes, as: UTF8.self)).map { $0[6] } == ["targetId", "17"])
            #expect(try await api.export("text/csv", "?target=nothing", as: ada.accessToken).bytes.split(separator: 10).count == 1)
            #expect(try await api.export("*/*", "?target=nothing", as: ada.accessToken).bytes.isEmpty)
            for query in ["?limit=5", "?cursor=x", "?format=csv"] {
                #expect(try await api.export("text/csv", query, as: ada.accessToken).status == 422)
            }
            let head = try await api.send("HEAD", "/api/v1/audit/export", as: ada.accessToken)
            #expect(head.status == 200)
            #expect(head.bytes.isEmpty)
        }
    }

    @Test func aFormulaIsNoFormulaInTheFile() async throws {
        let targets = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "plain", "a=b", "=cmd|' /C calc'!A0", "\"=1\"", "a,\"b\"\r\nc"]
        try await RunningAPI.with { api in
            let ada = try await api.register()
            try await api.writeAudit(targets.count, in: ada.tenant, target: "(\(targets)::text[])[n]")
            let csv = try await api.export("text/csv", "?actor=system", as: ada.accessToken)
            let seen = cells(ofCSV: String(decoding: csv.bytes, as: UTF8.self)).dropFirst().map { $0[6] }
            #expect(
                Array(seen.reversed()) == [
                    "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1", "plain", "a=b", "'=cmd|' /C calc'!A0", "\"=1\"", "a,\"b\"\r\nc",
                ])
            // NDJSON is for programs: as it is.
            let json = try await api.export("application/x-ndjson", "?actor=system", as: ada.accessToken)
            #expect(json.bytes.split(separator: 10).map { JSON(Data($0)).target.id.string }.reversed() == targets)
        }
    }

    @Test func aLongFileTakesTheMemoryOfAPage() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            try await api.fill(120_000, in: ada.tenant)
            _ = try await api.export("text/csv", "?target=1", as: ada.accessToken)
            let before = try await api.metric("process_resident_memory_bytes")
            var (bytes, most) = (0, before)
            let response = try await api.exporting("application/x-ndjson", as: ada.accessToken)
            for try await chunk in response.body {
                if bytes / 4_000_000 != (bytes + chunk.readableBytes) / 4_000_000 {
                    most = max(most, try await api.metric("process_resident_memory_bytes"))
                }
                bytes += chunk.readableBytes
            }
            #expect(bytes > 40_000_000)
            #expect(most - before < 16_000_000, "\(Int(most - before) / 1024) KiB more for \(bytes / 1024) KiB")
        }
    }

    @Test func aFileThatBreaksOffIsNoWholeFile() async throws {
        try await RunningAPI.with { api in
            let ada = try await api.register()
            try await api.fill(120_000, in: ada.tenant)
            let response = try await api.exporting("text/csv", as: ada.accessToken)
            #expect(response.status == .ok)
            var bytes = 0
            await #expect(throws: (any Error).self) {
                for try await chunk in response.body {
                    if bytes == 0 { try await api.onDatabase { _ = try await $0.query("REVOKE SELECT ON tessera.audit_log FROM tessera_app") } }
                    bytes += chunk.readableBytes
                }
            }
            #expect(bytes > 0)
            let id = try #require(response.headers.first(name: "X-Request-Id"))
            try await eventually("the log says so") {
                api.process.standardOutput.split(separator: "\n").contains { $0.contains("an export broke off") && $0.contains(id) }
            }
            // Before the first page it is a refusal like any other.
            let refused = try await api.export("text/csv", as: ada.accessToken)
            #expect(refused.status == 500)
            #expect(refused.header("Content-Type") == "application/problem+json")
        }
    }

    @Test func whoeverStopsReadingLosesTheConnection() async throws {
        try await RunningAPI.with(["TESSERA_HTTP_IDLE_TIMEOUT": "1"]) { api in
            let ada = try await api.register()
            try await api.fill(120_000, in: ada.tenant)
            let response = try await api.exporting("application/x-ndjson", as: ada.accessToken)
            #expect(response.status == .ok)
            try await eventually("the export is given up") { api.process.standardOutput.contains("an export broke off") }
            await #expect(throws: (any Error).self) { for try await _ in response.body {} }
            #expect(try await api.get("/api/v1/me", as: ada.accessToken).status == 200)
        }
    }
}

extension RunningAPI {
    fileprivate func export(_ accept: String, _ query: String = "", as credential: String) async throws -> Reply {
        try await send("GET", "/api/v1/audit/export" + query, as: credential, headers: [("Accept", accept)])
    }

    /// An export whose body is read as the test goes.
    fileprivate func exporting(_ accept: String, as credential: String) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url + "/api/v1/audit/export")
        request.headers.add(name: "Authorization", value: "Bearer \(credential)")
        request.headers.add(name: "Accept", value: accept)
        return try await HTTPClient.shared.execute(request, timeout: .seconds(120))
    }

    /// Many entries at once, out of any chain.
    fileprivate func fill(_ count: Int, in tenant: String) async throws {
        try await onDatabase {
            _ = try await $0.query(
                """
                INSERT INTO tessera.audit_log (tenant_id, occurred_at, id, actor_type, actor_id, action, target_type, target_id, changes, seq,
                    previous_hash, hash)
                SELECT \(tenant)::text::uuid, now() - make_interval(secs => n), gen_random_uuid(), 'system', NULL, 'token.revoked', 'api_token', n::text,
                    jsonb_build_object('reason', 'idle', 'padding', repeat('x', 120)), n + 1000, '', ''
                FROM generate_series(1, \(Int32(count))) n
                """)
        }
    }
}
