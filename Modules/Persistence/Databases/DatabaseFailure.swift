import Domain
import Postgres

/// Turns what the database says into what a caller may hear.
enum DatabaseFailure {
    /// Runs `body`; a constraint with a meaning becomes its refusal, an ailing database becomes 503, anything else stays an error.
    static func translated<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            throw refusal(for: error) ?? error
        }
    }

    private static func refusal(for error: PostgresError) -> Refusal? {
        switch error.constraint {
        case "users_email_key"?: return Refusal(.emailTaken, "There is an account with this e-mail already: log in, or use another.")
        case "tenants_slug_key"?: return Refusal(.slugTaken, "This tenantSlug is taken: choose another.")
        case "invitations_email_key"?:
            return Refusal(.alreadyInvited, "There is an invitation for this e-mail already: resend it, or withdraw it first.")
        case "api_tokens_name_key"?:
            return Refusal(.nameTaken, "The owner has a token of this name that isn't revoked: choose another name, or revoke that one.")
        case "service_accounts_name_key"?: return Refusal(.nameTaken, "There is a service account of this name already: choose another.")
        case "idempotency_keys_pkey"?: return .idempotencyKeyReused
        case "idempotency_keys_running"?: return .idempotencyInProgress
        case "memberships_pkey"?: return Refusal(.alreadyMember, "You are a member of this tenant already.")
        default: break
        }
        switch error.kind {
        case .connection, .poolClosed, .poolTimeout, .statementTimeout: return .unavailable(String(reflecting: error))
        case .server where error.isConnectionLoss || error.isRetryable || error.sqlState == .queryCanceled:
            return .unavailable(String(reflecting: error))
        default: return nil
        }
    }
}
