import Domain

extension Schemas {
    static let people: [String: Schema] = [
        "User": .answer(["id": .id, "email": .string(format: "email"), "name": .string(), "emailVerified": .bool]),
        "TenantReference": .answer(["id": .id, "slug": .string(), "name": .string()]),
        "Session": .answer([
            "accessToken": .string().described("A JWT (RFC 9068); its key is in `/.well-known/jwks.json`."), "tokenType": .constant("Bearer"),
            "expiresIn": .integer(1...Int.max).described("Seconds."),
            "refreshToken": .string().orNull.described("Good once; null with transport `cookie`."), "user": .named("User"),
            "tenant": Schema.named("TenantReference").orNull, "role": role.orNull,
            "deviceToken": .string().orNull.described("Shown at the next login, strangers' wrong guesses don't slow this device down."),
        ]),
        "SessionSummary": .answer([
            "id": .id, "createdAt": .time, "lastUsedAt": .time, "ipAddress": .string().orNull, "userAgent": .string().orNull, "current": .bool,
        ]),
        "Sessions": list("sessions", of: "SessionSummary"),
        "Me": .answer([
            "id": .id, "email": .string(format: "email").orNull, "name": .string(), "emailVerified": .bool,
            "tenant": Schema.named("TenantReference").orNull, "role": role.orNull, "scopes": .array(of: .string()),
            "permissions": .array(of: .string()), "tokenType": .words(["session", "apiToken"]), "tokenId": .id.orNull, "isPlatformAdmin": .bool,
        ]),
        "PersonalData": .answer([
            "user": .named("User"), "createdAt": .time, "pendingEmail": .string().orNull,
            "tenants": .array(of: .answer(["tenant": .named("TenantReference"), "role": role, "joinedAt": .time])),
            "sessions": .array(of: .named("SessionSummary")),
        ]),
        "Tenant": .answer([
            "id": .id, "slug": .string(), "name": .string(), "status": .words(["active", "suspended", "deleted"]), "createdAt": .time,
            "settings": .anyObject, "version": .integer(1...Int.max),
        ]),
        "Tenants": list("tenants", of: "Tenant"),
        "TenantMembership": .answer([
            "id": .id, "slug": .string(), "name": .string(), "status": .words(["active", "suspended", "deleted"]), "role": role, "joinedAt": .time,
        ]),
        "TenantMemberships": list("tenants", of: "TenantMembership"),
        "Member": .answer(["userId": .id, "email": .string(format: "email"), "name": .string(), "role": role, "joinedAt": .time]),
        "Members": list("members", of: "Member"),
        "Invitation": .answer([
            "id": .id, "email": .string(format: "email"), "role": role, "createdBy": .id, "createdAt": .time, "expiresAt": .time,
            "status": .words(["open", "expired"]),
        ]),
        "Invitations": list("invitations", of: "Invitation"),
        "MailedInvitation": .answer([
            "tenant": .named("TenantReference"), "email": .string(format: "email"), "role": role, "accountExists": .bool,
        ]),
        "ServiceAccount": .answer([
            "id": .id, "name": .string(), "role": role, "status": .words(["active", "disabled"]), "createdBy": .id, "createdAt": .time,
            "updatedAt": .time, "version": .integer(1...Int.max),
        ]),
        "ServiceAccounts": list("serviceAccounts", of: "ServiceAccount"),
        "PlatformUser": .answer([
            "id": .id, "email": .string(format: "email"), "name": .string(), "emailVerified": .bool, "status": .words(["active", "disabled"]),
            "isPlatformAdmin": .bool, "createdAt": .time,
        ]),
        "PlatformUsers": list("users", of: "PlatformUser"),
        "TokenPrefix": .answer([
            "tokenPrefix": Schema.answer(["prefix": .string(), "length": .integer(), "alphabet": .string(), "grantedAt": .time]).orNull
        ]),
    ]
}
