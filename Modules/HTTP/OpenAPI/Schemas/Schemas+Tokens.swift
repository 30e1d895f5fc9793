import Domain

extension Schemas {
    static let tokens: [String: Schema] = [
        "Token": token,
        "CreatedToken": .extending(
            "Token", ["token": Schema.string().orNull.described("The secret, this one time; null where the answer is given again.")]),
        "RevokedToken": .extending("Token", ["effective": .words(["everywhere", "pending"])]),
        "ListedToken": .extending(
            "Token", [:],
            optional: [
                "usage24h": .array(of: .integer(0...Int.max), 24...24).described("Requests in each of the last 24 hours, the latest last.")
            ]),
        "Tokens": list("tokens", of: "ListedToken"),
        "ImportedTokens": .answer(["tokens": .array(of: .named("Token"))]),
        "NewToken": .request(["name": name], optional: draft).either("expiresAt", or: "expiresInDays"),
        "TokenChange": change,
        "TokenImport": .request([
            "tokens": .array(
                of: .request(
                    ["name": name, "sha256": .string(64...64, pattern: "^[0-9a-f]{64}$").described("Of the whole token.")], optional: imported
                ).either("expiresAt", or: "expiresInDays"),
                TokenImports.bounds)
        ]),
        "BulkRevocationRequest": bulk,
        "BulkRevocation": .answer(["matched": .integer(0...Int.max), "revoked": .integer(0...Int.max)]),
        "TokenEvent": .answer([
            "id": .id, "kind": .string(), "occurredAt": .time, "actor": Schema.answer(["type": .string(), "id": .string().orNull]).orNull,
            "ipAddress": .string().orNull, "changes": .map(of: .string().orNull),
        ]),
        "TokenEvents": list("events", of: "TokenEvent"),
        "UsageRecord": .answer([
            "id": .id, "tokenId": .id, "endpoint": .string(), "method": .string(), "timestamp": .time, "responseStatus": .integer(100...599),
            "success": .bool, "ipAddress": .string().orNull, "userAgent": .string().orNull,
            "processingTime": Schema.number.described("Milliseconds."), "requestId": .id.orNull,
        ]),
        "UsagePage": list("usage", of: "UsageRecord"),
        "TokenPolicy": .answer([
            "maxLifetimeDays": .integer(TokenPolicy.lifetimeBounds).orNull, "requireExpiry": .bool,
            "allowedScopesByRole": .map(of: .array(of: .string())), "allowedCidrs": .array(of: .string()),
            "idleDays": .integer(TokenPolicy.idleBounds).orNull, "onExposure": reaction, "onReuse": reaction,
        ]),
        "TokenPolicyRequest": policy,
        "TokenPolicyPreview": .answer([
            "matched": .integer(0...Int.max),
            "tokens": .array(of: .extending("Token", ["violations": .array(of: .string())])),
        ]),
        "Notice": .answer([
            "id": .id, "kind": .string().described("One of \(NoticeKind.allCases.map(\.rawValue).joined(separator: ", ")); new ones may come."),
            "tokenId": .id, "createdAt": .time, "readAt": .time.orNull, "details": .map(of: .string()),
        ]),
        "Notices": list("notices", of: "Notice"),
        "Introspection": .answer(
            ["active": .bool],
            optional: [
                "scope": .string(), "sub": .string(), "jti": .string(), "client_id": .string(), "token_type": .constant("Bearer"),
                "iat": .integer(), "exp": .integer(), "tenant_id": .id,
            ]
        ).described("RFC 7662 §2.2. Of what is no good, exactly `{\"active\":false}`."),
    ]

    private static let reaction = Schema.words(TokenPolicy.Reaction.allCases.map(\.rawValue))

    private static let token = Schema.answer([
        "id": .id, "name": .string(), "description": .string().orNull, "tokenPrefix": .string().described("What it begins with, to tell it by."),
        "scopes": .array(of: .string()), "status": .words(APIToken.Status.allCases.map(\.rawValue)), "isActive": .bool,
        "expiresAt": .time.orNull, "createdAt": .time, "updatedAt": .time, "createdBy": Schema.answer(["id": .id, "name": .string()]).orNull,
        "owner": .answer(["type": .words(["user", "serviceAccount"]), "id": .id, "name": .string()]), "parentTokenId": .id.orNull,
        "lastUsedAt": .time.orNull, "lastUsedIp": .string().orNull, "lastUsedUserAgent": .string().orNull,
        "recentNetworks": .array(of: .string()).described("The last ten that it was used from."), "revokedAt": .time.orNull,
        "revokedReason": .string().orNull, "exposedAt": .time.orNull,
        "rotation": Schema.answer(["startedAt": .time, "overlapEndsAt": .time, "oldSecretLastUsedAt": .time.orNull]).orNull,
        "allowedCidrs": .array(of: .string()), "rateLimit": Schema.answer(["requests": .integer(), "windowSeconds": .integer()]).orNull,
        "metadata": .anyObject, "version": .integer(1...Int.max).described("Of what can be set; its use doesn't move it."),
    ])

    private static let metadata = Schema.anyObject.described(
        "Yours: at most \(TokenBounds.metadataBytes) bytes and \(TokenBounds.metadataDepth) levels.")
    private static let expiresAt = Schema.time.described("In the future, and before the year 9000.")
    private static let scopes = Schema.array(of: scope, TokenBounds.scopes, isSet: true)
    private static let networks = Schema.array(of: cidr, TokenBounds.networks, isSet: true).described("Where it may be used from; empty: anywhere.")

    private static let draft: KeyValuePairs<String, Schema> = [
        "description": .text(TokenBounds.description), "scopes": scopes.described("Default: `[\"read\"]`."), "expiresAt": expiresAt,
        "expiresInDays": .integer(TokenBounds.expiresInDays).described("Instead of `expiresAt`; neither: never."), "allowedCidrs": networks,
        "rateLimit": rate, "metadata": metadata, "serviceAccountId": .id.described("Whose it is to be; by an admin's session."),
    ]

    private static let imported: KeyValuePairs<String, Schema> = [
        "description": .text(TokenBounds.description), "scopes": scopes, "expiresAt": expiresAt, "expiresInDays": .integer(TokenBounds.expiresInDays),
        "allowedCidrs": networks, "rateLimit": rate, "metadata": metadata, "serviceAccountId": .id, "ownerId": .id,
        "prefix": .string(ForeignPrefix.textBounds).described("What it begins with, to tell it by; default: the prefix that was granted."),
    ]

    private static let change = Schema.request(
        [:],
        optional: [
            "description": .text(TokenBounds.description), "expiresAt": expiresAt.described("null: never."), "allowedCidrs": networks,
            "rateLimit": rate.described("null: none of its own."), "metadata": metadata,
        ]
    ).adding(["name": name, "isActive": .bool, "scopes": scopes])

    private static let bulk = Schema.request(
        [
            "filter": Schema.request(
                [:],
                optional: [
                    "all": Schema.bool.described("Of everyone in the tenant; needs `tenant-tokens:write`."),
                    "ids": .array(of: .id, TokenSelection.idBounds), "serviceAccountId": .id, "ownerId": .id, "q": .text(1...100),
                    "neverExpires": .bool, "idleDays": .integer(TokenSelection.idleBounds), "createdBefore": .time,
                ]
            ).demanding("minProperties", "1").either("serviceAccountId", or: "ownerId")
        ],
        optional: [
            "dryRun": Schema.bool.described("Only counts. Default: true."),
            "expectedCount": Schema.integer(0...1_000_000).described("What the dry run counted; needed for the real one."),
        ]
    )
    .demanding("if", #"{"properties":{"dryRun":{"const":false}},"required":["dryRun"]}"#)
    .demanding("then", #"{"properties":{"expectedCount":{"type":"integer"}},"required":["expectedCount"]}"#)

    private static let policy = Schema.request(
        [:],
        optional: [
            "maxLifetimeDays": .integer(TokenPolicy.lifetimeBounds), "requireExpiry": .bool,
            "allowedScopesByRole": .request(
                [:],
                optional: [
                    "viewer": .array(of: scope, 0...50, isSet: true), "member": .array(of: scope, 0...50, isSet: true),
                    "admin": .array(of: scope, 0...50, isSet: true), "owner": .array(of: scope, 0...50, isSet: true),
                ]),
            "allowedCidrs": networks, "idleDays": .integer(TokenPolicy.idleBounds),
        ]
    ).adding(["onExposure": reaction, "onReuse": reaction])
}
