/// Something that matters for security, told in ids only.
package enum SecurityEvent: Sendable {
    case tokenCreated(TokenID, TenantID, by: SubjectID)
    case tokenRotated(TokenID, TenantID, by: SubjectID)
    case tokenRevoked(TokenID, TenantID, by: SubjectID)
    case tokenDeleted(TokenID, TenantID, by: SubjectID)
    /// The secret was right, and the token was still refused.
    case tokenRefused(TokenID, TenantID, RefusalReason)

    package enum RefusalReason: String, Sendable {
        case expired, revoked, inactive, replaced, policy
        case ownerDisabled = "owner_disabled"
        case ownerRemoved = "owner_removed"
        case networkNotAllowed = "network_not_allowed"
        case tenantSuspended = "tenant_suspended"
        case featureDisabled = "feature_disabled"
    }
}

/// Where security events go.
package protocol SecurityLog: Sendable {
    func record(_ event: SecurityEvent)
}
