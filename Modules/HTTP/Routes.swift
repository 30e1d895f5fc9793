import Domain
import HTTPTypes

/// Every operation of the API on one page: method, address, operationId, who may, and what answers.
extension API {
    package var routes: [Route] {
        [
            .open(.post, "/api/v1/auth/register", "register", accounts.register),
            .open(.post, "/api/v1/auth/login", "login", accounts.login),
            .open(.post, "/api/v1/auth/refresh", "refreshSession", accounts.refresh),
            .guarded(.post, "/api/v1/auth/logout", "logout", .session, accounts.logout),

            .guarded(.get, "/api/v1/me", "getMe", .credential, people.me),
            .guarded(.get, "/api/v1/tenant", "getTenant", .permission(.tenantRead), people.tenant),
            .guarded(.get, "/api/v1/members", "listMembers", .permission(.membersRead), people.members),

            .guarded(.post, "/api/v1/tokens", "createToken", .permission(.tokensWrite), tokens.create),
            .guarded(.get, "/api/v1/tokens", "listTokens", .permission(.tokensRead), tokens.list),
            .guarded(.get, "/api/v1/tokens/{id}", "getToken", .permission(.tokensRead), tokens.show),
            .guarded(.patch, "/api/v1/tokens/{id}", "updateToken", .permission(.tokensWrite), tokens.update),
            .guarded(.delete, "/api/v1/tokens/{id}", "deleteToken", .permission(.tokensWrite), tokens.delete),
            .guarded(.post, "/api/v1/tokens/{id}/revoke", "revokeToken", .permission(.tokensWrite), tokens.revoke),
            .guarded(.get, "/api/v1/tokens/{id}/usage", "listTokenUsage", .permission(.usageRead), usage.list),
        ] + health.routes
    }
}
