import Domain
package import HTTP
import HTTPTypes
import Hummingbird

/// A tenant's own limits.
package struct TenantLimitsController: Sendable {
    private let limits: PlatformLimits
    private let edge: EdgeLimits

    /// - Parameter edge: knows what holds for tenants that have none.
    package init(limits: PlatformLimits, edge: EdgeLimits) {
        self.limits = limits
        self.edge = edge
    }

    @Sendable func show(_ call: Call, _ person: Person) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try answer(try await limits.limits(of: try call.id("id"), as: person))
    }

    @Sendable func set(_ call: Call, _ person: Person) async throws -> Response {
        let id = try call.id("id", of: Tenant.self)
        let precondition = try call.precondition()
        var body = try await call.body()
        var wanted = TenantLimits()
        for kind in TenantLimits.Kind.allCases { wanted.rates[kind] = body.rate(kind.rawValue) }
        wanted.shadow = body.choices("shadow", TenantLimits.Kind.self) ?? []
        try body.finish()
        return try answer(try await limits.setLimits(wanted, of: id, if: precondition, as: person, from: call.origin))
    }

    private func answer(_ stored: VersionedTenantLimits) throws -> Response {
        try .json(TenantLimitsBody(stored, standard: edge.standard))
    }
}

/// A tenant's limits, null where they are as for all, and what holds for all, null where that is off.
struct TenantLimitsBody: Encodable, VersionedBody, Sendable {
    private let limits: [TenantLimits.Kind: Rate]
    private let shadow: [String]
    private let defaults: [TenantLimits.Kind: Rate]
    let version: Int

    struct Rate: Encodable, Sendable {
        let requests: Int
        let windowSeconds: Int

        init(_ rate: TokenRate) { (requests, windowSeconds) = (rate.requests, rate.windowSeconds) }
    }

    init(_ stored: VersionedTenantLimits, standard: (TenantLimits.Kind) -> TokenRate?) {
        limits = stored.limits.rates.mapValues(Rate.init)
        shadow = stored.limits.shadow.map(\.rawValue).sorted()
        defaults = Dictionary(uniqueKeysWithValues: TenantLimits.Kind.allCases.compactMap { kind in standard(kind).map { (kind, Rate($0)) } })
        version = stored.version
    }

    private enum Key: String, CodingKey { case shadow, defaults, version }

    private struct KindKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ kind: TenantLimits.Kind) { stringValue = kind.rawValue }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        var kinds = encoder.container(keyedBy: KindKey.self)
        var standards = container.nestedContainer(keyedBy: KindKey.self, forKey: .defaults)
        // Not only if present: a member that is null is there.
        for kind in TenantLimits.Kind.allCases {
            try kinds.encode(limits[kind], forKey: KindKey(kind))
            try standards.encode(defaults[kind], forKey: KindKey(kind))
        }
        try container.encode(shadow, forKey: .shadow)
        try container.encode(version, forKey: .version)
    }
}
