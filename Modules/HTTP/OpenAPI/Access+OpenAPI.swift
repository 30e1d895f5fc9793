import Domain

extension Access {
    /// Which credentials do, as OpenAPI's security requirements: one of them.
    var security: [JSONValue] {
        func scheme(_ name: String, _ scopes: [String] = []) -> JSONValue { .object([name: .array(scopes.map(JSONValue.string))]) }
        return switch self {
        case .open: []
        case .optionalSession: [.object([:]), scheme("session")]
        case .credential, .forwarded: [scheme("session"), scheme("apiToken")]
        case .session, .account, .sessionRole, .platformAdmin: [scheme("session")]
        case .permission(let permission), .sessionOrPermission(let permission):
            [scheme("session"), scheme("apiToken", [permission.rawValue])]
        case .introspection: [scheme("session"), scheme("apiToken", [Permission.introspect.rawValue]), scheme("introspector")]
        case .ownToken: [scheme("apiToken")]
        }
    }

    /// Who may, in a sentence; empty for anyone.
    var sentence: String {
        switch self {
        case .open, .optionalSession: ""
        case .credential: "For any credential."
        case .session, .account: "Sessions only."
        case .sessionRole(let role, let isFresh):
            "Sessions only, of \(role == .viewer ? "any member" : "whoever is \(role.rawValue) or higher")"
                + (isFresh ? ", with the password given in the last 15 minutes." : ".")
        case .permission(let permission): "Needs `\(permission.rawValue)`: by the role, and of an API token also by its scopes."
        case .sessionOrPermission(let permission): "Any session about itself; else it needs `\(permission.rawValue)`."
        case .forwarded: "For any credential of the tenant that may do what is asked about."
        case .introspection: "Needs `introspect`, or the platform's own introspector."
        case .ownToken: "For an API token, about itself."
        case .platformAdmin(let isFresh):
            "Sessions of platform administrators only" + (isFresh ? ", with the password given in the last 15 minutes." : ".")
        }
    }

    /// Every refusal that follows from who may.
    var refusals: [ErrorCode] {
        let proven: [ErrorCode] = [.authenticationRequired, .invalidToken, .networkNotAllowed, .featureDisabled]
        return switch self {
        case .open: []
        case .optionalSession: [.invalidToken, .sessionRequired, .networkNotAllowed, .featureDisabled, .tenantSuspended]
        case .credential: proven + [.tenantSuspended]
        case .session: proven + [.sessionRequired]
        case .account: proven + [.sessionRequired, .tenantSuspended]
        case .sessionRole(_, let isFresh):
            proven + [.sessionRequired, .forbidden, .tenantSuspended] + (isFresh ? [.reauthenticationRequired] : [])
        case .permission, .sessionOrPermission, .forwarded, .introspection, .ownToken:
            proven + [.insufficientScope, .forbidden, .tenantSuspended, .sessionRequired]
        case .platformAdmin(let isFresh): proven + [.sessionRequired, .forbidden] + (isFresh ? [.reauthenticationRequired] : [])
        }
    }
}
