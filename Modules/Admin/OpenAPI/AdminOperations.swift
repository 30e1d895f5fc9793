import Domain
package import HTTP

extension AdminAPI {
    /// What is said of the operations of ``routes``.
    package static let descriptions: [OperationDescription] = [
        .init(
            "adminListTenants", .platform, "List all tenants",
            query: [
                QueryParameter("q", .string(1...100), "Part of a name."),
                QueryParameter("status", .words(["active", "suspended"]), "Of that status."),
            ], isList: true, answering: .ok("A page of them.", .named("Tenants"))),
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
                QueryParameter("q", .string(1...100), "Part of a name or an address."),
                QueryParameter("status", .words(["active", "disabled"]), "Of that status."),
                QueryParameter("isPlatformAdmin", .bool, "Platform administrators, or all others."),
            ], isList: true, answering: .ok("A page of them.", .named("PlatformUsers"))),
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
    ]
}
