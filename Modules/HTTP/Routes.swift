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

            .guarded(.get, "/api/v1/me", "getMe", .credential) { $0.people.me },
            .guarded(.get, "/api/v1/tenant", "getTenant", .permission(.tenantRead)) { $0.people.tenant },
            .guarded(.get, "/api/v1/members", "listMembers", .permission(.membersRead)) { $0.people.members },

            .guarded(.post, "/api/v1/tokens", "createToken", .permission(.tokensWrite)) { $0.tokens.create },
            .guarded(.get, "/api/v1/tokens", "listTokens", .permission(.tokensRead)) { $0.tokens.list },
            .guarded(.get, "/api/v1/tokens/{id}", "getToken", .permission(.tokensRead)) { $0.tokens.show },
            .guarded(.patch, "/api/v1/tokens/{id}", "updateToken", .permission(.tokensWrite)) { $0.tokens.update },
            .guarded(.delete, "/api/v1/tokens/{id}", "deleteToken", .permission(.tokensWrite)) { $0.tokens.delete },
            .guarded(.post, "/api/v1/tokens/{id}/revoke", "revokeToken", .permission(.tokensWrite)) { $0.tokens.revoke },
            .guarded(.get, "/api/v1/tokens/{id}/usage", "listTokenUsage", .permission(.usageRead)) { $0.usage.list },
        ] + HealthController.routes
}
