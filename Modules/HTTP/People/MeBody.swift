import Domain

/// Who is asking and what they may.
struct MeBody: Encodable, Sendable {
    let id: UserID
    let email: String
    let name: String
    let emailVerified: Bool
    let tenant: TenantReferenceBody
    let role: String
    let scopes: [String]
    let permissions: [String]
    let tokenType: String
    @ExplicitNull var tokenId: TokenID?
    let isPlatformAdmin: Bool

    init(_ principal: Principal) {
        id = principal.user.id
        email = principal.user.email
        name = principal.user.name
        emailVerified = principal.user.emailVerified
        tenant = TenantReferenceBody(principal.tenant)
        role = principal.role.rawValue
        permissions = principal.permissions.permissions.map(\.rawValue)
        switch principal.credential {
        case .session(let session):
            scopes = CoarseScope.allCases.filter { PermissionTable.permissions(impliedBy: $0).isSubset(of: principal.permissions) }.map(\.rawValue)
            tokenType = "session"
            tokenId = nil
            isPlatformAdmin = session.isPlatformAdmin
        case .apiToken(let token):
            scopes = token.scopes.map(\.description)
            tokenType = "apiToken"
            tokenId = token.id
            isPlatformAdmin = false
        }
    }
}
