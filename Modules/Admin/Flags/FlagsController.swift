import Domain
import HTTP
import HTTPTypes
import Hummingbird

/// All features, and what single tenants have instead.
package struct FlagsController: Sendable {
    private let flags: PlatformFlags

    package init(flags: PlatformFlags) { self.flags = flags }

    @Sendable func list(_ call: Call, _ person: Person) async throws -> Response {
        try QueryReader(call.request.uri.query).finish()
        return try .json(PlatformFlagsBody(flags: try await flags.flags(as: person).map(PlatformFlagBody.init)))
    }

    @Sendable func set(_ call: Call, _ person: Person) async throws -> Response {
        let flag = try call.flag
        let precondition = try call.precondition()
        var body = try await call.body()
        let change = FlagChange(
            defaultEnabled: body.bool("defaultEnabled"), killed: body.bool("killed"),
            rolloutPercent: body.integer("rolloutPercent", FlagChange.percentBounds),
            description: body.string("description", FlagChange.descriptionBounds))
        let reason = body.requiredString("reason", FlagChange.reasonBounds)
        try body.finish()
        guard let reason else { throw Refusal.invalid(body.faults) }
        return try .flag(try await flags.set(flag, to: change, because: reason, if: precondition, as: person, from: call.origin))
    }

    @Sendable func override(_ call: Call, _ person: Person) async throws -> Response {
        let flag = try call.flag
        let tenant = try call.id("tenantId", of: Tenant.self)
        let precondition = try call.precondition()
        var body = try await call.body()
        let enabled = body.bool("enabled")
        if enabled == nil, body.faults.isEmpty { body.fault("enabled", "required", "enabled is required.") }
        let reason = body.requiredString("reason", FlagChange.reasonBounds)
        try body.finish()
        guard let enabled, let reason else { throw Refusal.invalid(body.faults) }
        return try .flag(
            try await flags.override(
                flag, for: tenant, with: enabled, because: reason, if: precondition, as: person, from: call.origin))
    }

    /// A DELETE's body may get lost on the way (RFC 9110 §9.3.5), so the reason may be missing here.
    @Sendable func removeOverride(_ call: Call, _ person: Person) async throws -> Response {
        let flag = try call.flag
        let tenant = try call.id("tenantId", of: Tenant.self)
        let precondition = try call.precondition()
        var body = try await call.optionalBody()
        let reason = body?.string("reason", FlagChange.reasonBounds)
        try body?.finish()
        let changed = try await flags.removeOverride(
            of: flag, for: tenant, because: reason, if: precondition, as: person, from: call.origin)
        return Response(status: .noContent, headers: [.eTag: VersionTag.text(changed.version)])
    }
}

extension Call {
    /// The flag in the path. Throws ``Refusal/notFound`` for one that the code doesn't declare: flags aren't made by requests.
    fileprivate var flag: FeatureFlag {
        get throws(Refusal) {
            guard let flag = context.parameters.get("key").flatMap(FeatureFlag.init(rawValue:)) else { throw .notFound }
            return flag
        }
    }
}

extension Response {
    fileprivate static func flag(_ flag: PlatformFlag) throws -> Response {
        try .json(PlatformFlagBody(flag))
    }
}

struct PlatformFlagsBody: Encodable, Sendable {
    let flags: [PlatformFlagBody]
}

struct PlatformFlagBody: Encodable, VersionedBody, Sendable {
    let key: String
    let description: String
    let defaultEnabled: Bool
    let killed: Bool
    let rolloutPercent: Int
    let version: Int
    let updatedAt: String
    let overrideCount: Int
    let overrides: [Override]

    /// What one tenant has instead.
    struct Override: Encodable, Sendable {
        let tenantId: TenantID
        let tenantSlug: String
        let tenantName: String
        let enabled: Bool
        let reason: String
        let setBy: UserID
        let setAt: String
    }

    init(_ flag: PlatformFlag) {
        key = flag.flag.rawValue
        description = flag.description
        defaultEnabled = flag.defaultEnabled
        killed = flag.killed
        rolloutPercent = flag.rolloutPercent
        version = flag.version
        updatedAt = RFC3339.format(flag.updatedAt)
        overrideCount = flag.overrideCount
        overrides = flag.overrides.map {
            Override(
                tenantId: $0.tenant.id, tenantSlug: $0.tenant.slug, tenantName: $0.tenant.name, enabled: $0.isEnabled, reason: $0.reason,
                setBy: $0.setBy, setAt: RFC3339.format($0.setAt))
        }
    }
}
