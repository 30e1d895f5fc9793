import Domain
import HTTPTypes

/// Every operation of the API on one page: method, address, operationId, who may, and what answers.
extension API {
    package static let routes: [Route] =
        [
            .open(.post, "/api/v1/auth/register", "register") { $0.accounts.register },
            .open(.post, "/api/v1/auth/login", "login") { $0.accounts.login },
            .open(.post, "/api/v1/auth/refresh", "refreshSession") { $0.accounts.refresh },
            .guarded(.post, "/api/v1/auth/logout", "logout", .session) { $0.accounts.logout },
            .guarded(.post, "/api/v1/auth/reauthenticate", "reauthenticate", .session) { $0.accounts.reauthenticate },
            .guarded(.get, "/api/v1/auth/sessions", "listSessions", .session) { $0.sessions.list },
            .guarded(.delete, "/api/v1/auth/sessions", "endOtherSessions", .session) { $0.sessions.endOthers },
            .guarded(.delete, "/api/v1/auth/sessions/{id}", "endSession", .session) { $0.sessions.end },
            .open(.post, "/api/v1/auth/password/forgot", "forgotPassword") { $0.recovery.forgot },
            .open(.post, "/api/v1/auth/password/reset", "resetPassword") { $0.recovery.reset },
            .open(.post, "/api/v1/auth/email/confirm", "confirmEmail") { $0.recovery.confirm },

            .guarded(.get, "/api/v1/me", "getMe", .credential) { $0.people.me },
            .guarded(.patch, "/api/v1/me", "updateMe", .session) { $0.profile.change },
            .guarded(.delete, "/api/v1/me", "deleteMe", .session) { $0.profile.delete },
            .guarded(.put, "/api/v1/me/password", "changePassword", .session) { $0.profile.changePassword },
            .guarded(.get, "/api/v1/me/export", "exportMe", .session) { $0.profile.export },
            .guarded(.get, "/api/v1/tenants", "listTenants", .session) { $0.enrolment.list },
            .guarded(.post, "/api/v1/tenants", "createTenant", .session) { $0.enrolment.create },
            .guarded(.get, "/api/v1/tenant", "getTenant", .permission(.tenantRead)) { $0.people.tenant },
            .guarded(.patch, "/api/v1/tenant", "updateTenant", .sessionRole(.owner)) { $0.tenant.change },
            .guarded(.delete, "/api/v1/tenant", "deleteTenant", .sessionRole(.owner, fresh: true)) { $0.tenant.delete },
            .guarded(.get, "/api/v1/members", "listMembers", .permission(.membersRead)) { $0.people.members },
            .guarded(.patch, "/api/v1/members/{userId}", "updateMember", .permission(.membersWrite)) { $0.members.setRole },
            .guarded(.delete, "/api/v1/members/{userId}", "removeMember", .sessionOrPermission(.membersWrite)) { $0.members.remove },
            .guarded(.post, "/api/v1/invitations", "createInvitation", .sessionRole(.admin)) { $0.invitations.create },
            .guarded(.get, "/api/v1/invitations", "listInvitations", .permission(.membersWrite)) { $0.invitations.list },
            .guarded(.delete, "/api/v1/invitations/{id}", "withdrawInvitation", .permission(.membersWrite)) { $0.invitations.withdraw },
            .open(.post, "/api/v1/invitations/lookup", "lookUpInvitation") { $0.enrolment.lookUp },
            .open(.post, "/api/v1/invitations/accept", "acceptInvitation") { $0.enrolment.accept },
            .guarded(.post, "/api/v1/invitations/{id}/resend", "resendInvitation", .sessionRole(.admin)) { $0.invitations.resend },

            .guarded(.post, "/api/v1/tokens", "createToken", .permission(.tokensWrite)) { $0.tokens.create },
            .guarded(.get, "/api/v1/tokens", "listTokens", .permission(.tokensRead)) { $0.tokens.list },
            .guarded(.get, "/api/v1/tokens/{id}", "getToken", .permission(.tokensRead)) { $0.tokens.show },
            .guarded(.patch, "/api/v1/tokens/{id}", "updateToken", .permission(.tokensWrite)) { $0.tokens.update },
            .guarded(.delete, "/api/v1/tokens/{id}", "deleteToken", .permission(.tokensWrite)) { $0.tokens.delete },
            .guarded(.post, "/api/v1/tokens/{id}/revoke", "revokeToken", .permission(.tokensWrite)) { $0.tokens.revoke },
            .guarded(.get, "/api/v1/tokens/{id}/usage", "listTokenUsage", .permission(.usageRead)) { $0.usage.list },
        ] + KeysController.routes + HealthController.routes
}
