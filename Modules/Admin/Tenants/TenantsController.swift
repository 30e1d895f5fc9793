import Domain
package import HTTP
import HTTPTypes
import Hummingbird

/// All tenants.
package struct TenantsController: Sendable {
    private let tenants: PlatformTenants
    private let cursors: CursorCodec

    package init(tenants: PlatformTenants, cursors: CursorCodec) {
        self.tenants = tenants
        self.cursors = cursors
    }

    @Sendable func list(_ call: Call, _ person: Person) async throws -> Response {
        var query = QueryReader(call.request.uri.query)
        let status = query.value("status", expected: "active or suspended", PlatformTenants.SettableStatus.init(rawValue:))
        let filter = PlatformTenantFilter(
            search: query.string("q", atMost: 100), status: status.flatMap { Tenant.Status(rawValue: $0.rawValue) })
        let paging = try PageQuery(&query, path: call.request.uri.path, cursors: cursors)
        try query.finish()
        let page = try await tenants.tenants(filter, paging.request, as: person)
        return try .list(page, paging, cursors) { TenantsBody(tenants: $0.map(TenantBody.init), pagination: $1) }
    }

    @Sendable func create(_ call: Call, _ person: Person) async throws -> Response {
        var body = try await call.body()
        let name = body.requiredString("name", 1...100)
        let slug = body.slug("slug")
        let email = body.email("ownerEmail")
        try body.finish()
        guard let name, let email else { throw Refusal.invalid(body.faults) }
        let tenant = try await tenants.create(
            name: name, slug: slug, ownerEmail: email, as: person, from: call.origin, onRetry: call.onRetry(Self.created))
        return try Self.created(tenant).response
    }

    @Sendable private static func created(_ tenant: Tenant) throws -> Answer {
        try .json(TenantBody(tenant), status: .created, headers: [.location: "/api/v1/admin/tenants/\(tenant.reference.id)"])
    }

    @Sendable func show(_ call: Call, _ person: Person) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try .json(TenantBody(try await tenants.tenant(try call.id("id"), as: person)))
    }

    @Sendable func setStatus(_ call: Call, _ person: Person) async throws -> Response {
        let id = try call.id("id", of: Tenant.self)
        var body = try await call.body()
        let status = body.choice("status", PlatformTenants.SettableStatus.self)
        try body.finish()
        guard let status else { throw Refusal.invalid(body.faults) }
        return try .json(TenantBody(try await tenants.setStatus(of: id, to: status, as: person, from: call.origin, if: try call.precondition())))
    }

    @Sendable func delete(_ call: Call, _ person: Person) async throws -> Response {
        try await tenants.delete(try call.id("id"), as: person, from: call.origin)
        return .noContent
    }
}

struct TenantsBody: Encodable, Sendable {
    let tenants: [TenantBody]
    let pagination: PaginationBody
}
