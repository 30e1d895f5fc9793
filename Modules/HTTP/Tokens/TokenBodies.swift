import Domain
import FoundationEssentials

/// A token as its owner sees it; the secret is not in it.
struct TokenBody: Encodable, Sendable, VersionedBody {
    let id: TokenID
    let name: String
    @ExplicitNull var description: String?
    let tokenPrefix: String
    let scopes: [String]
    let status: String
    let isActive: Bool
    @ExplicitNull var expiresAt: String?
    let createdAt: String
    let updatedAt: String
    @ExplicitNull var createdBy: PersonBody?
    let owner: OwnerBody
    @ExplicitNull var parentTokenId: TokenID?
    @ExplicitNull var lastUsedAt: String?
    @ExplicitNull var lastUsedIp: String?
    @ExplicitNull var lastUsedUserAgent: String?
    let recentNetworks: [String]
    @ExplicitNull var revokedAt: String?
    @ExplicitNull var revokedReason: String?
    @ExplicitNull var exposedAt: String?
    @ExplicitNull var rotation: RotationBody?
    let allowedCidrs: [String]
    @ExplicitNull var rateLimit: RateBody?
    let metadata: JSONValue
    let version: Int

    struct PersonBody: Encodable, Sendable {
        let id: UserID
        let name: String
    }

    struct RotationBody: Encodable, Sendable {
        let startedAt: String
        let overlapEndsAt: String
        @ExplicitNull var oldSecretLastUsedAt: String?

        init(_ rotation: APIToken.Rotation) {
            startedAt = RFC3339.format(rotation.startedAt)
            overlapEndsAt = RFC3339.format(rotation.overlapEndsAt)
            oldSecretLastUsedAt = rotation.oldSecretLastUsedAt.map(RFC3339.format)
        }
    }

    struct RateBody: Encodable, Sendable {
        let requests: Int
        let windowSeconds: Int
    }

    struct OwnerBody: Encodable, Sendable {
        let type: String
        let id: String
        let name: String

        init(_ owner: APIToken.Owner) {
            switch owner.id {
            case .user: type = "user"
            case .serviceAccount: type = "serviceAccount"
            }
            id = owner.id.description
            name = owner.name
        }
    }

    init(_ token: APIToken, at now: Date) {
        id = token.id
        name = token.name
        description = token.description
        tokenPrefix = token.prefix
        scopes = token.breadth.scopes.map(\.description)
        status = token.status(at: now).rawValue
        isActive = token.isActive
        expiresAt = token.breadth.expiresAt.map(RFC3339.format)
        createdAt = RFC3339.format(token.createdAt)
        updatedAt = RFC3339.format(token.updatedAt)
        createdBy = token.createdBy.map { PersonBody(id: $0.id, name: $0.name) }
        owner = OwnerBody(token.owner)
        parentTokenId = token.parent
        lastUsedAt = token.activity.map { RFC3339.format($0.lastUsedAt) }
        lastUsedIp = token.activity?.ipAddress?.description
        lastUsedUserAgent = token.activity?.userAgent
        recentNetworks = token.activity?.networks.map(\.description) ?? []
        revokedAt = token.revocation.map { RFC3339.format($0.at) }
        revokedReason = token.revocation?.reason
        exposedAt = token.exposedAt.map(RFC3339.format)
        rotation = token.overlap(at: now).map(RotationBody.init)
        allowedCidrs = token.breadth.networks.map(\.description)
        rateLimit = token.breadth.rateLimit.map { RateBody(requests: $0.requests, windowSeconds: $0.windowSeconds) }
        metadata = JSONValue(utf8: token.metadata)
        version = token.version
    }
}

/// The only answer with the secret: ``TokenBody``'s members and `token`, which is null in an answer that is given again.
struct CreatedTokenBody: Encodable, Sendable, VersionedBody {
    let token: TokenBody
    let secret: String?

    var version: Int { token.version }

    private enum Key: String, CodingKey { case token }

    func encode(to encoder: any Encoder) throws {
        try token.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(secret, forKey: .token)
    }
}

/// ``TokenBody``'s members and where the revocation holds.
struct RevokedTokenBody: Encodable, Sendable, VersionedBody {
    let token: TokenBody

    var version: Int { token.version }

    private enum Key: String, CodingKey { case effective }

    func encode(to encoder: any Encoder) throws {
        try token.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("everywhere", forKey: .effective)
    }
}

/// ``TokenBody``'s members and, where it was asked for, how often it was used in each of the last 24 hours.
struct ListedTokenBody: Encodable, Sendable {
    let token: TokenBody
    let usage24h: [Int]?

    private enum Key: String, CodingKey { case usage24h }

    func encode(to encoder: any Encoder) throws {
        try token.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(usage24h, forKey: .usage24h)
    }
}

struct TokensBody: Encodable, Sendable {
    let tokens: [ListedTokenBody]
    let pagination: PaginationBody
}

extension JSONValue {
    /// What the database keeps as jsonb; an empty object if it can't be read.
    fileprivate init(utf8 bytes: [UInt8]) {
        self = (try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))) ?? .object([:])
    }
}
