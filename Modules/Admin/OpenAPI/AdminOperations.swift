import Domain
package import HTTP

extension AdminAPI {
    /// What is said of the operations of ``routes``.
    package static let descriptions: [OperationDescription] = [
        .init(
            "adminListTenants", .platform, "List all tenants",
            query: [
                QueryParameter("q", .plain(1...100), "Part of a name."),
                QueryParameter("status", .words(["active", "suspended"]), "Of that status."),
            ], list: .pages, answering: .ok("A page of them.", .named("Tenants"))),
        .init(
            "adminCreateTenant", .platform, "Make a tenant for somebody", "Who has no account yet is invited by mail.",
            body: .json(
                .request(["name": Schemas.name, "ownerEmail": Schemas.email], optional: ["slug": Schemas.slug]),
                example: #"{"name":"Ada & Sons","ownerEmail":"ada@example.com"}"#),
            answering: .created("The tenant.", .named("Tenant"), headers: [.location]), refusals: [.slugTaken]),
        .init("adminGetTenant", .platform, "A tenant", answering: .ok("It.", .named("Tenant")), refusals: [.validationFailed]),
        .init(
            "adminUpdateTenant", .platform, "Suspend a tenant, or let it go on", "A suspended tenant's credentials are refused at once.",
            body: .json(.request(["status": .words(["active", "suspended"])]), example: #"{"status":"suspended"}"#),
            answering: .ok("The tenant.", .named("Tenant"))),
        .init("adminDeleteTenant", .platform, "Delete a tenant", answering: .noContent("It is gone.")),
        .init(
            "adminGetTenantLimits", .platform, "A tenant's own limits", answering: .ok("Them, and what holds for all.", limits),
            refusals: [.validationFailed]),
        .init(
            "adminSetTenantLimits", .platform, "Set a tenant's own limits",
            "What is left out is as for all. Effective on every node within a second.",
            body: .json(
                .request(optional: [
                    "token": Schemas.rate, "user": Schemas.rate, "tenant": Schemas.rate, "shadow": .array(of: limitKind, isSet: true),
                ]),
                example: #"{"tenant":{"requests":60000,"windowSeconds":60}}"#),
            answering: .ok("The limits.", limits)),
        .init(
            "adminGetTokenPrefix", .platform, "What foreign tokens of a tenant begin with", answering: .ok("That.", .named("TokenPrefix")),
            refusals: [.validationFailed]),
        .init(
            "adminGrantTokenPrefix", .platform, "Grant a tenant a prefix for tokens that it brings along",
            body: .json(
                .request(["prefix": .string(6...32), "length": .integer(20...255), "alphabet": .string(10...69)]),
                example: #"{"prefix":"old_ada_","length":40,"alphabet":"0123456789abcdef"}"#),
            answering: .ok("What was granted.", .named("TokenPrefix")), refusals: [.prefixTaken]),
        .init("adminWithdrawTokenPrefix", .platform, "Take a prefix away", answering: .noContent("Its tokens are refused.")),
        .init(
            "adminListUsers", .platform, "List all people",
            query: [
                QueryParameter("q", .plain(1...100), "Part of a name or an address."),
                QueryParameter("status", .words(["active", "disabled"]), "Of that status."),
                QueryParameter("isPlatformAdmin", .bool, "Platform administrators, or all others."),
            ], list: .pages, answering: .ok("A page of them.", .named("PlatformUsers"))),
        .init(
            "adminUpdateUser", .platform, "Disable a person, or let them in again", "Their sessions end and their tokens are refused at once.",
            body: .json(.request(["status": .words(["active", "disabled"])]), example: #"{"status":"disabled"}"#),
            answering: .ok("The person.", .named("PlatformUser"))),
        .init(
            "adminGrantPlatformAdmin", .platform, "Make somebody a platform administrator", answering: .noContent("They are."),
            refusals: [.malformedRequest, .validationFailed, .unsupportedMediaType]),
        .init(
            "adminRevokePlatformAdmin", .platform, "Make somebody a platform administrator no more", "The last one stays.",
            answering: .noContent("They aren't."), refusals: [.lastOwner]),
        .init(
            "adminListFeatureFlags", .platform, "List all features", "With the tenants that have something else instead.",
            answering: .ok("All of them.", .answer(["flags": .array(of: flag)])), refusals: [.validationFailed]),
        .init(
            "adminSetFeatureFlag", .platform, "Switch a feature", "Effective on every node within a second. Killed goes before everything else.",
            path: ["key": key],
            body: .json(
                .request(
                    ["reason": reason],
                    optional: [
                        "defaultEnabled": .bool, "killed": .bool, "rolloutPercent": .integer(FlagChange.percentBounds),
                        "description": .text(FlagChange.descriptionBounds),
                    ]),
                example: #"{"killed":true,"reason":"A fault in rotation is being looked at."}"#),
            answering: .ok("The feature.", flag)),
        .init(
            "adminOverrideFeatureFlag", .platform, "Switch a feature for one tenant", path: ["key": key],
            body: .json(.request(["enabled": .bool, "reason": reason]), example: #"{"enabled":false,"reason":"They asked for it."}"#),
            answering: .ok("The feature.", flag)),
        .init(
            "adminRemoveFeatureFlagOverride", .platform, "Let a tenant have a feature as everyone has it", path: ["key": key],
            body: .json(.request(optional: ["reason": reason]), example: #"{"reason":"The trial is over."}"#, isRequired: false),
            answering: .noContent("They have.")),
        .init(
            "adminListAudit", .platform, "What happened in all tenants", query: OperationDescription.auditFilter + [tenant], list: .cursor,
            answering: .ok("A page of it.", Schemas.list("events", of: .extending("AuditEvent", ["tenantId": .id.orNull])))),
        .init(
            "adminExportAudit", .platform, "What happened in all tenants, as a file", query: OperationDescription.auditFilter + [tenant],
            answering: .export("All of it.")),
    ]

    private static let tenant = QueryParameter("tenant", .id, "Of that tenant.")

    private static let limitKind = Schema.words(TenantLimits.Kind.allCases.map(\.rawValue))
        .described("Kinds that are only counted and logged, not enforced.")
    private static let rate = Schema.answer(["requests": .integer(), "windowSeconds": .integer()]).orNull
    private static let limits = Schema.answer([
        "token": rate, "user": rate, "tenant": rate, "shadow": .array(of: .string()),
        "defaults": .answer(["token": rate, "user": rate, "tenant": rate]), "version": .integer(0...Int.max),
    ])

    private static let key = Schema.words(FeatureFlag.allCases.map(\.rawValue))
    private static let reason = Schema.text(FlagChange.reasonBounds).described("For the audit log.")

    private static let flag = Schema.answer([
        "key": .string(), "description": .string(), "defaultEnabled": .bool, "killed": .bool, "rolloutPercent": .integer(0...100),
        "version": .integer(1...Int.max), "updatedAt": .time, "overrideCount": .integer(0...Int.max),
        "overrides": .array(
            of: .answer([
                "tenantId": .id, "tenantSlug": .string(), "tenantName": .string(), "enabled": .bool, "reason": .string(), "setBy": .id,
                "setAt": .time,
            ])),
    ])
}
