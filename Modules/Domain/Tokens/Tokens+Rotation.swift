import FoundationEssentials

/// A token gets another secret under the same id; the one it had may be taken a while longer.
extension Tokens {
    /// Replaces the secret. Takes the owner's session, or for a service account's token one of an admin whose role isn't below it.
    ///
    /// - Parameter overlap: seconds for which the replaced secret is still taken; 0–86,400.
    package func rotate(
        _ id: TokenID, overlap: Int, as principal: Principal, from origin: Origin, onRetry retry: Retry<APIToken> = .notKept
    ) async throws -> (token: APIToken, plain: PlainToken) {
        try principal.requirePerson()
        return try await rotate(overlap, principal, origin, retry) { try await owned(id, principal) }
    }

    /// Replaces the secret of the very token that asks, which carries `self:rotate`. Its end stays where it is.
    package func rotateSelf(
        overlap: Int, as principal: Principal, from origin: Origin, onRetry retry: Retry<APIToken> = .notKept
    ) async throws -> (token: APIToken, plain: PlainToken) {
        let proof = try principal.requireToken()
        try principal.require([.selfRotation])
        return try await rotate(overlap, principal, origin, retry) {
            guard let token = try await store.token(proof.id, in: principal.tenant.id) else { throw Refusal.notFound }
            return token
        }
    }

    /// Ends an overlap early: from now on only the new secret is taken. Where there is none, nothing changes.
    package func finishRotation(of id: TokenID, as principal: Principal, from origin: Origin) async throws -> APIToken {
        try principal.requirePerson()
        let token = try await owned(id, principal)
        let time = now().microseconds
        guard token.overlap(at: time) != nil else { return token }
        let audit = AuditEntry(.tokenRotationFinished, of: .apiToken(id), by: principal.auditActor, from: origin, at: time)
        guard let finished = try await store.finishRotation(of: id, in: principal.tenant.id, audit) else { throw Refusal.notFound }
        return finished
    }

    /// The token that asks, as it is.
    package func token(as principal: Principal) async throws -> APIToken {
        guard let token = try await store.token(try principal.requireToken().id, in: principal.tenant.id) else { throw Refusal.notFound }
        return token
    }

    /// Revokes the token that asks.
    package func revokeSelf(as principal: Principal, from origin: Origin) async throws {
        let id = try principal.requireToken().id
        let reason = "revoked by itself"
        let audit = AuditEntry(
            .tokenRevoked, of: .apiToken(id), by: principal.auditActor, from: origin, at: now().microseconds, changes: ["reason": reason])
        let actor = TokenActor(id: principal.subject.id, mayActOnAll: false)
        guard let ending = try await store.revoke(id, in: principal.tenant.id, by: actor, reason: reason, audit) else { throw Refusal.notFound }
        if ending.isNew { log.record(.tokenRevoked(id, principal.tenant.id, by: principal.subject.id)) }
    }

    private func rotate(
        _ overlap: Int, _ principal: Principal, _ origin: Origin, _ retry: Retry<APIToken>, _ read: () async throws -> APIToken
    ) async throws -> (token: APIToken, plain: PlainToken) {
        for _ in 0..<3 {
            let token = try await read()
            try features.require(.apiTokens, in: token.tenant)
            let time = now().microseconds
            try token.requireRotatable(at: time)
            let minted = mint.mint(token.id, for: token.owner.id, in: token.tenant)
            let person = principal.session == nil ? nil : principal.subject.profile?.id
            let end = time.addingTimeInterval(Double(overlap))
            let rotated = token.rotated(at: time, shownAs: minted.prefix, seenBy: person, overlapEndsAt: end)
            let audit = AuditEntry(
                .tokenRotated, of: .apiToken(token.id), by: principal.auditActor, from: origin, at: time, changes: ["overlapSeconds": "\(overlap)"],
                claim: try retry.claim(rotated))
            if try await store.rotate(token, to: minted.hash, shownAs: minted.prefix, seenBy: person, overlapEndsAt: end, audit) {
                log.record(.tokenRotated(token.id, token.tenant, by: principal.subject.id))
                return (rotated, minted.plain)
            }
        }
        throw Refusal.unavailable("a token changed under three rotations in a row")
    }

    /// A token whose secret is the principal's to see. Others' are refused like unknown ones, unless they may be seen.
    private func owned(_ id: TokenID, _ principal: Principal) async throws -> APIToken {
        try principal.require(.tokensWrite)
        guard let token = try await store.token(id, in: principal.tenant.id), principal.maySee(token) else { throw Refusal.notFound }
        switch token.owner.id {
        case .serviceAccount(let account): _ = try await reachable(account, principal)
        case .user:
            guard token.owner.id == principal.subject.id else { throw Refusal.forbidden("Only its owner may see a token's secret.") }
        }
        return token
    }
}

extension APIToken {
    /// This token with another secret. What a person has seen is no longer exposed; one that rotates itself may be in the hands of who found it.
    fileprivate func rotated(at time: Date, shownAs prefix: String, seenBy person: UserID?, overlapEndsAt end: Date) -> APIToken {
        APIToken(
            id: id, tenant: tenant, owner: owner, name: name, description: description, prefix: prefix, breadth: breadth, isActive: isActive,
            createdAt: createdAt, createdBy: createdBy, updatedAt: time, parent: parent, revocation: revocation,
            exposedAt: person == nil ? exposedAt : nil, rotation: Rotation(startedAt: time, overlapEndsAt: end, oldSecretLastUsedAt: nil),
            activity: activity, metadata: metadata, version: version + 1)
    }

    /// Throws ``ErrorCode/tokenRevoked`` or ``ErrorCode/rotationInProgress``.
    fileprivate func requireRotatable(at now: Date) throws(Refusal) {
        guard revocation == nil else { throw Refusal(.tokenRevoked, "The token is revoked for good; create a new one.") }
        guard overlap(at: now) == nil else {
            throw Refusal(.rotationInProgress, "The secret before is still taken: finish that rotation first, or wait until its overlap ends.")
        }
    }
}

extension Principal {
    /// The token that proved this principal. Throws ``ErrorCode/forbidden`` for a session.
    package func requireToken() throws(Refusal) -> TokenProof {
        guard let token else { throw .forbidden("This is for an API token, about itself.") }
        return token
    }
}
