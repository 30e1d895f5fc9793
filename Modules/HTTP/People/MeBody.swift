import Domain
import FoundationEssentials

/// Who is asking and what they may.
struct MeBody: Encodable, Sendable {
    /// A person's, or a service account's.
    let id: String
    @ExplicitNull var email: String?
    let name: String
    let emailVerified: Bool
    @ExplicitNull var tenant: TenantReferenceBody?
    @ExplicitNull var role: String?
    let scopes: [String]
    let permissions: [String]
    let tokenType: String
    @ExplicitNull var tokenId: TokenID?
    let isPlatformAdmin: Bool

    init(_ caller: Caller) {
        switch caller {
        case .principal(let principal):
            if let person = try? principal.requirePerson() { self.init(person) } else { self.init(principal) }
        case .person(let person): self.init(person)
        }
    }

    /// A person at a session, who has all that their role has.
    init(_ person: Person) {
        let permissions = person.membership.map { PermissionTable.permissions(of: $0.role) } ?? PermissionSet()
        self.init(
            .person(person.profile), person.membership?.tenant, person.membership?.role, permissions,
            scopes: person.membership == nil
                ? [] : CoarseScope.allCases.filter { PermissionTable.permissions(impliedBy: $0).isSubset(of: permissions) }.map(\.rawValue),
            token: nil, isPlatformAdmin: person.session.isPlatformAdmin)
    }

    /// A token, which has what its scopes have of that.
    private init(_ principal: Principal) {
        self.init(
            principal.subject, principal.tenant, principal.role, principal.permissions, scopes: principal.token?.scopes.map(\.description) ?? [],
            token: principal.token?.id, isPlatformAdmin: false)
    }

    private init(
        _ subject: Subject, _ tenant: Tenant.Reference?, _ role: Role?, _ permissions: PermissionSet, scopes: [String], token: TokenID?,
        isPlatformAdmin: Bool
    ) {
        id = subject.id.description
        email = subject.profile?.email
        name = subject.name
        emailVerified = subject.profile?.emailVerified ?? false
        self.tenant = tenant.map(TenantReferenceBody.init)
        self.role = role?.rawValue
        self.scopes = scopes
        self.permissions = permissions.permissions.map(\.rawValue)
        tokenType = token == nil ? "session" : "apiToken"
        tokenId = token
        self.isPlatformAdmin = isPlatformAdmin
    }
}
