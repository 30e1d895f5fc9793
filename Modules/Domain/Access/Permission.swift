/// One thing a principal may do; each route names exactly one.
package enum Permission: String, Sendable, CaseIterable {
    case dataRead = "data:read"
    case dataWrite = "data:write"
    case tenantRead = "tenant:read"
    case tenantWrite = "tenant:write"
    case membersRead = "members:read"
    case membersWrite = "members:write"
    case tokensRead = "tokens:read"
    case tokensWrite = "tokens:write"
    case tenantTokensRead = "tenant-tokens:read"
    case tenantTokensWrite = "tenant-tokens:write"
    case usageRead = "usage:read"
    case serviceAccountsWrite = "service-accounts:write"
    case auditRead = "audit:read"
    case introspect

    /// The permission to read what this one writes: a `…:write` scope includes its `…:read`.
    package var reading: Permission? {
        switch self {
        case .dataWrite: .dataRead
        case .tenantWrite: .tenantRead
        case .membersWrite: .membersRead
        case .tokensWrite: .tokensRead
        case .tenantTokensWrite: .tenantTokensRead
        default: nil
        }
    }
}
