package import Domain
import FoundationEssentials

struct UserBody: Encodable, Sendable {
    let id: UserID
    let email: String
    let name: String
    let emailVerified: Bool

    init(_ user: User.Profile) {
        id = user.id
        email = user.email
        name = user.name
        emailVerified = user.emailVerified
    }
}

struct TenantReferenceBody: Encodable, Sendable {
    let id: TenantID
    let slug: String
    let name: String

    init(_ tenant: Tenant.Reference) {
        id = tenant.id
        slug = tenant.slug
        name = tenant.name
    }
}

package struct TenantBody: Encodable, Sendable, VersionedBody {
    let id: TenantID
    let slug: String
    let name: String
    let status: String
    let createdAt: String
    let settings: [String: String]
    package let version: Int

    package init(_ tenant: Tenant) {
        id = tenant.reference.id
        slug = tenant.reference.slug
        name = tenant.reference.name
        status = tenant.status.rawValue
        createdAt = RFC3339.format(tenant.createdAt)
        settings = [:]
        version = tenant.version
    }
}

struct MemberBody: Encodable, Sendable {
    let userId: UserID
    let email: String
    let name: String
    let role: String
    let joinedAt: String

    init(_ member: Member) {
        userId = member.user
        email = member.email
        name = member.name
        role = member.role.rawValue
        joinedAt = RFC3339.format(member.joinedAt)
    }
}

struct MembersBody: Encodable, Sendable {
    let members: [MemberBody]
    let pagination: PaginationBody
}
