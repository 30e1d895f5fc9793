package import Domain
import Hummingbird

/// What owners do with their tenant.
package struct TenantController: Sendable {
    private let tenancy: Tenancy

    package init(tenancy: Tenancy) { self.tenancy = tenancy }

    @Sendable func change(_ call: Call, _ principal: Principal) async throws -> Response {
        let change = try TenantChangeRequest(try await call.body()).change
        return try .json(TenantBody(try await tenancy.change(change, as: principal, from: call.origin, if: try call.precondition())))
    }

    @Sendable func delete(_ call: Call, _ principal: Principal) async throws -> Response {
        try await tenancy.delete(as: principal, from: call.origin)
        return .noContent
    }
}

/// `{name?, settings?}`; there are no settings yet.
struct TenantChangeRequest {
    let change: TenantChange

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        let name = body.has("name") ? body.requiredString("name", 1...100) : nil
        for setting in body.object("settings")?.keys.sorted() ?? [] {
            body.faultMember("settings", String(setting.prefix(100)), "not_supported", "There are no settings of a tenant yet.")
        }
        try body.finish()
        change = TenantChange(name: name)
    }
}
