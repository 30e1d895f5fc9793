/// Whoever a credential proved, before it is asked where they stand.
package enum Caller: Sendable {
    /// In a tenant that is open.
    case principal(Principal)
    /// A person whose session is in a suspended tenant, or in none.
    case person(Person)

    /// Throws ``ErrorCode/tenantSuspended``, or ``ErrorCode/forbidden`` for a session in no tenant.
    package func principal() throws(Refusal) -> Principal {
        switch self {
        case .principal(let principal): return principal
        case .person(let person):
            try person.requireOpenTenant()
            throw .forbidden("This session is in no tenant: make one, accept an invitation, or choose one by POST /api/v1/auth/refresh.")
        }
    }

    /// Throws ``ErrorCode/sessionRequired`` for a token.
    package func person() throws(Refusal) -> Person {
        switch self {
        case .principal(let principal): try principal.requirePerson()
        case .person(let person): person
        }
    }

    /// Throws ``ErrorCode/forbidden`` for a token's replaced secret: it manages no tokens.
    package func requireCurrentSecret() throws(Refusal) {
        guard token?.secret != .replaced else { throw .forbidden("This secret was replaced: what is about tokens takes the new one.") }
    }

    /// The permissions that the request took so far.
    package var exercised: PermissionSet {
        if case .principal(let principal) = self { principal.exercised.all } else { PermissionSet() }
    }

    /// What a token or session is used by, for limits and logs.
    package var subject: SubjectID {
        switch self {
        case .principal(let principal): principal.subject.id
        case .person(let person): .user(person.profile.id)
        }
    }

    /// nil: in no tenant.
    package var tenant: TenantID? {
        switch self {
        case .principal(let principal): principal.tenant.id
        case .person(let person): person.membership?.tenant.id
        }
    }

    /// The token that proved the caller; nil for a session.
    package var token: TokenProof? {
        if case .principal(let principal) = self { principal.token } else { nil }
    }
}
