import Domain
import HTTPTypes

/// Every operation of the API on one page: method, address, operationId, who may, and what answers.
extension API {
    package static let routes: [Route<API>] =
        [
            resources, ForwardAuthController.routes, KeysController.routes, OpenAPIController.routes, ReferenceController.routes,
            HealthController.routes,
        ].flatMap(\.self)

    private static let resources: [Route<API>] =
        [
            .open(.post, "/api/v1/auth/register", "register") { $0.accounts.register },
            .open(.post, "/api/v1/auth/login", "login") { $0.accounts.login },
            .open(.post, "/api/v1/auth/refresh", "refreshSession") { $0.accounts.refresh },
            .optional(.post, "/api/v1/auth/logout", "logout") { $0.accounts.logout },
            .personal(.post, "/api/v1/auth/reauthenticate", "reauthenticate", .session) { $0.accounts.reauthenticate },
            .personal(.get, "/api/v1/auth/sessions", "listSessions", .session) { $0.sessions.list },
            .personal(.delete, "/api/v1/auth/sessions", "endOtherSessions", .session) { $0.sessions.endOthers },
            .personal(.delete, "/api/v1/auth/sessions/{id}", "endSession", .session) { $0.sessions.end },
            .open(.post, "/api/v1/auth/password/forgot", "forgotPassword") { $0.recovery.forgot },
            .open(.post, "/api/v1/auth/password/reset", "resetPassword") { $0.recovery.reset },
            .open(.post, "/api/v1/auth/email/confirm", "confirmEmail") { $0.recovery.confirm },

            .credential(.get, "/api/v1/me", "getMe") { $0.people.me },
            .personal(.patch, "/api/v1/me", "updateMe", .account) { $0.profile.change },
            .personal(.delete, "/api/v1/me", "deleteMe", .account) { $0.profile.delete },
            .personal(.put, "/api/v1/me/password", "changePassword", .account) { $0.profile.changePassword },
            .personal(.get, "/api/v1/me/export", "exportMe", .account) { $0.profile.export },
            .personal(.get, "/api/v1/tenants", "listTenants", .session) { $0.enrolment.list },
            .personal(.post, "/api/v1/tenants", "createTenant", .session) { $0.enrolment.create }.keyed,
            .guarded(.get, "/api/v1/tenant", "getTenant", .permission(.tenantRead)) { $0.people.tenant }.versioned,
            .guarded(.patch, "/api/v1/tenant", "updateTenant", .sessionRole(.owner)) { $0.tenant.change }.versioned,
            .guarded(.delete, "/api/v1/tenant", "deleteTenant", .sessionRole(.owner, fresh: true)) { $0.tenant.delete },
            .guarded(.get, "/api/v1/members", "listMembers", .permission(.membersRead)) { $0.people.members },
            .guarded(.patch, "/api/v1/members/{userId}", "updateMember", .permission(.membersWrite)) { $0.members.setRole },
            .guarded(.delete, "/api/v1/members/{userId}", "removeMember", .sessionOrPermission(.membersWrite)) { $0.members.remove },
            .guarded(.post, "/api/v1/invitations", "createInvitation", .sessionRole(.admin)) { $0.invitations.create }.keyed,
            .guarded(.get, "/api/v1/invitations", "listInvitations", .permission(.membersWrite)) { $0.invitations.list },
            .guarded(.delete, "/api/v1/invitations/{id}", "withdrawInvitation", .permission(.membersWrite)) { $0.invitations.withdraw },
            .open(.post, "/api/v1/invitations/lookup", "lookUpInvitation") { $0.enrolment.lookUp },
            .optional(.post, "/api/v1/invitations/accept", "acceptInvitation") { $0.enrolment.accept },
            .guarded(.post, "/api/v1/invitations/{id}/resend", "resendInvitation", .sessionRole(.admin)) { $0.invitations.resend },

            .guarded(.post, "/api/v1/service-accounts", "createServiceAccount", .sessionRole(.admin)) { $0.serviceAccounts.create }.keyed.versioned,
            .guarded(.get, "/api/v1/service-accounts", "listServiceAccounts", .permission(.serviceAccountsWrite)) { $0.serviceAccounts.list },
            .guarded(.get, "/api/v1/service-accounts/{id}", "getServiceAccount", .permission(.serviceAccountsWrite)) { $0.serviceAccounts.show }
                .versioned,
            .guarded(.patch, "/api/v1/service-accounts/{id}", "updateServiceAccount", .permission(.serviceAccountsWrite)) {
                $0.serviceAccounts.update
            }.versioned,
            .guarded(.delete, "/api/v1/service-accounts/{id}", "deleteServiceAccount", .permission(.serviceAccountsWrite)) {
                $0.serviceAccounts.delete
            },

            .guarded(.post, "/api/v1/tokens", "createToken", .permission(.tokensWrite)) { $0.tokens.create }.keyed.versioned,
            .guarded(.get, "/api/v1/tokens", "listTokens", .permission(.tokensRead)) { $0.tokens.list },
            .guarded(.post, "/api/v1/tokens/revoke", "revokeTokens", .permission(.tokensWrite)) { $0.tokens.revokeMany },
            .guarded(.post, "/api/v1/tokens/imports", "importTokens", .sessionRole(.admin)) { $0.imports.create }.keyed,
            .guarded(.get, "/api/v1/tokens/self", "getOwnToken", .ownToken) { $0.rotations.show }.versioned,
            .guarded(.delete, "/api/v1/tokens/self", "revokeOwnToken", .ownToken) { $0.rotations.revokeSelf },
            .guarded(.post, "/api/v1/tokens/self/rotate", "rotateOwnToken", .ownToken) { $0.rotations.rotateSelf }.keyed.versioned,
            .guarded(.post, "/api/v1/tokens/{id}/rotate", "rotateToken", .sessionRole(.viewer)) { $0.rotations.rotate }.keyed.versioned,
            .guarded(.post, "/api/v1/tokens/{id}/rotate/finish", "finishTokenRotation", .sessionRole(.viewer)) { $0.rotations.finish }.versioned,
            .guarded(.get, "/api/v1/tokens/{id}", "getToken", .permission(.tokensRead)) { $0.tokens.show }.versioned,
            .guarded(.patch, "/api/v1/tokens/{id}", "updateToken", .permission(.tokensWrite)) { $0.tokens.update }.versioned,
            .guarded(.delete, "/api/v1/tokens/{id}", "deleteToken", .permission(.tokensWrite)) { $0.tokens.delete },
            .guarded(.post, "/api/v1/tokens/{id}/revoke", "revokeToken", .permission(.tokensWrite)) { $0.tokens.revoke }.versioned,
            .guarded(.get, "/api/v1/tokens/{id}/usage", "listTokenUsage", .permission(.usageRead)) { $0.usage.list },
            .guarded(.get, "/api/v1/tokens/{id}/events", "listTokenEvents", .permission(.tokensRead)) { $0.history.list },
            .open(.post, "/api/v1/tokens/report-leaked", "reportLeakedTokens") { $0.leaks.report },
            .credential(.get, "/api/v1/feature-flags", "listFeatureFlags") { $0.flags.list }.revalidated,
            .guarded(.get, "/api/v1/notices", "listNotices", .sessionRole(.viewer)) { $0.notices.list },
            .guarded(.post, "/api/v1/notices/{id}/read", "readNotice", .sessionRole(.viewer)) { $0.notices.markRead },
            .guarded(.get, "/api/v1/token-policy", "getTokenPolicy", .permission(.tenantRead)) { $0.policy.show },
            .guarded(.put, "/api/v1/token-policy", "setTokenPolicy", .sessionRole(.owner)) { $0.policy.set },
            .guarded(.post, "/api/v1/token-policy/preview", "previewTokenPolicy", .sessionRole(.owner)) { $0.policy.preview },
            .guarded(.get, "/api/v1/audit", "listAudit", .permission(.auditRead)) { $0.audit.list },
            .guarded(.get, "/api/v1/audit/export", "exportAudit", .permission(.auditRead)) { $0.audit.export },
            .introspecting(.post, "/api/v1/introspect", "introspect") { $0.introspection.introspect },
        ]
}
