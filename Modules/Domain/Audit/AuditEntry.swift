package import FoundationEssentials

/// A change and who made it: one row of the audit log, written in the transaction of the change.
package struct AuditEntry: Sendable {
    package let id: UUID
    package let occurredAt: Date
    package let actor: AuditActor
    package let action: AuditAction
    package let target: AuditTarget
    package let origin: Origin
    /// What changed, by name: ids, roles and states, never a secret.
    package let changes: [String: String?]
    /// What is stored along with it, for a request that was sent under a key.
    package let claim: IdempotencyClaim?

    package init(
        _ action: AuditAction, of target: AuditTarget, by actor: AuditActor, from origin: Origin, at time: Date, changes: [String: String?] = [:],
        claim: IdempotencyClaim? = nil
    ) {
        id = .v7(at: time)
        occurredAt = time
        self.actor = actor
        self.action = action
        self.target = target
        self.origin = origin
        self.changes = changes
        self.claim = claim
    }
}

/// Who acted.
package enum AuditActor: Sendable {
    case user(UserID)
    case apiToken(TokenID)
    case serviceAccount(ServiceAccountID)
    /// The product itself, such as housekeeping, or an operator at its command line.
    case system
    /// Somebody who proved nothing but a mailed secret, or failed to prove anything.
    case anonymous
}

extension Principal {
    /// This principal as the audit log names it: the person of a session, or the token.
    package var auditActor: AuditActor {
        if let token { return .apiToken(token.id) }
        return switch subject.id {
        case .user(let id): .user(id)
        case .serviceAccount(let id): .serviceAccount(id)
        }
    }
}

/// What was acted on.
package enum AuditTarget: Sendable {
    case user(UserID)
    /// Somebody tried to log in as nobody.
    case unknownAccount
    case session(SessionID)
    case tenant(TenantID)
    case invitation(InvitationID)
    case serviceAccount(ServiceAccountID)
    case apiToken(TokenID)
    case signingKey(String)
    case introspector(IntrospectorID)
    /// A mail of the outbox, where more isn't known.
    case mail(UUID)
    case featureFlag(FeatureFlag)
}

/// What was done: `<what>.<done>`.
package enum AuditAction: String, Sendable, CaseIterable {
    case userRegistered = "user.registered"
    case userLoggedIn = "user.logged_in"
    case loginFailed = "user.login_failed"
    case userReauthenticated = "user.reauthenticated"
    case userDisabled = "user.disabled"
    case userEnabled = "user.enabled"
    case platformAdminGranted = "platform_admin.granted"
    case platformAdminRevoked = "platform_admin.revoked"
    case userRenamed = "user.renamed"
    case emailChangeRequested = "email.change_requested"
    case emailConfirmed = "email.confirmed"
    case passwordChanged = "password.changed"
    case passwordResetRequested = "password.reset_requested"
    case passwordReset = "password.reset"
    case sessionEnded = "session.ended"
    case sessionsEnded = "session.others_ended"
    case sessionReused = "session.token_reused"
    case tenantCreated = "tenant.created"
    case tenantSuspended = "tenant.suspended"
    case tenantResumed = "tenant.resumed"
    case tenantChanged = "tenant.changed"
    case tenantDeleted = "tenant.deleted"
    case tenantLimitsChanged = "tenant_limits.changed"
    case memberRoleChanged = "member.role_changed"
    case memberRemoved = "member.removed"
    case memberLeft = "member.left"
    case invitationCreated = "invitation.created"
    case invitationResent = "invitation.resent"
    case invitationWithdrawn = "invitation.withdrawn"
    case invitationAccepted = "invitation.accepted"
    case serviceAccountCreated = "service_account.created"
    case serviceAccountChanged = "service_account.changed"
    case serviceAccountDeleted = "service_account.deleted"
    case tokenPolicyChanged = "token_policy.changed"
    case tokenPrefixGranted = "token_prefix.granted"
    case tokenPrefixWithdrawn = "token_prefix.withdrawn"
    case tokenCreated = "token.created"
    case tokenImported = "token.imported"
    case tokenChanged = "token.changed"
    case tokenRotated = "token.rotated"
    case tokenRotationFinished = "token.rotation_finished"
    case tokenRevoked = "token.revoked"
    case tokenDeleted = "token.deleted"
    case signingKeyRotated = "signing_key.rotated"
    case introspectorCreated = "introspector.created"
    case introspectorRevoked = "introspector.revoked"
    case featureFlagChanged = "feature_flag.changed"
    case featureFlagOverridden = "feature_flag.overridden"
    case featureFlagOverrideRemoved = "feature_flag.override_removed"
}
