import Domain
package import HTTP
import Hummingbird

/// The audit logs of all tenants.
package struct PlatformAuditController: Sendable {
    private let audit: PlatformAudit
    private let cursors: CursorCodec
    private let exporter: Exporter

    package init(audit: PlatformAudit, cursors: CursorCodec, exporter: Exporter) {
        self.audit = audit
        self.cursors = cursors
        self.exporter = exporter
    }

    @Sendable func list(_ call: Call, _ person: Person) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let (tenant, filter) = Self.filter(&query)
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors, numbered: false)
        try query.finish()
        let page = try await audit.page(of: tenant, filter, paging.request, as: person)
        return try .list(page, paging, cursors) { AuditEventsBody(events: $0.map(PlatformAuditEventBody.init), pagination: $1) }
    }

    @Sendable func export(_ call: Call, _ person: Person) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let (tenant, filter) = Self.filter(&query)
        try query.finish()
        return try await exporter.response(
            to: call, named: "audit", { [audit] page in try await audit.page(of: tenant, filter, page, as: person) },
            row: PlatformAuditEventBody.init)
    }

    private static func filter(_ query: inout QueryReader) -> (TenantID?, AuditFilter) {
        (query.value("tenant", expected: "a tenant's id") { TenantID($0) }, AuditFilter(&query))
    }
}

/// An entry of the audit log, and whose it is.
struct PlatformAuditEventBody: ExportRow {
    private let tenantId: String
    private let event: AuditEventBody

    init(_ event: AuditEvent) {
        tenantId = event.tenant.description
        self.event = AuditEventBody(event)
    }

    static let columns = ["tenantId"] + AuditEventBody.columns

    var cells: [String?] { [tenantId] + event.cells }

    func encode(to encoder: any Encoder) throws {
        try event.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(tenantId, forKey: .tenantId)
    }

    private enum CodingKeys: String, CodingKey { case tenantId }
}
