extension Principal {
    /// The scopes that this credential has *now*: what a token carries and its owner's role and the tenant's policy leave. Of a scope that
    /// is cut the permissions that are left stand by their names. A session has the coarse scopes that its role covers.
    package var scopes: [Scope] {
        guard let token else {
            return CoarseScope.allCases.filter { PermissionTable.permissions(impliedBy: $0).isSubset(of: permissions) }.map(Scope.coarse)
        }
        var scopes: [Scope] = []
        for scope in token.scopes {
            if has([scope], token) {
                scopes.append(scope)
            } else {
                let left = scope.permissions.intersection(permissions).permissions
                scopes += left.map(Scope.permission).filter { !scopes.contains($0) }
            }
        }
        return scopes
    }

    /// Throws ``ErrorCode/insufficientScope`` or ``ErrorCode/forbidden`` unless this principal has all of `wanted` now.
    package func require(_ wanted: [Scope]) throws(Refusal) {
        guard wanted.isWithin(role) else { throw .forbidden("The role \(role.rawValue) doesn't include these scopes.") }
        guard let token else { return }
        guard wanted.isWithin(token.scopes), has(wanted, token) else {
            let names = wanted.map(\.description).joined(separator: " ")
            throw Refusal(.insufficientScope, "This token lacks one of the scopes \(names).", requiredScope: names)
        }
        exercised.note(wanted.permissions)
    }

    private func has(_ scopes: [Scope], _ token: TokenProof) -> Bool {
        scopes.isWithin(role) && (token.ceiling.map { scopes.isWithin($0) } ?? true)
    }
}
