import FoundationEssentials

/// The life of an API token: made, listed, renamed, switched off and on, revoked, deleted.
///
/// All functions throw ``Refusal``; another tenant's token is refused exactly like an unknown one.
package struct Tokens: Sendable {
    let store: any TokenStore
    private let accounts: any ServiceAccountStore
    private let policies: any TokenPolicyStore
    let features: any FeatureFlags
    let mint: any TokenMint
    let log: any SecurityLog
    let now: Now

    package init(
        store: any TokenStore, accounts: any ServiceAccountStore, policies: any TokenPolicyStore, features: any FeatureFlags,
        mint: any TokenMint, log: any SecurityLog, now: @escaping Now
    ) {
        self.store = store
        self.accounts = accounts
        self.policies = policies
        self.features = features
        self.mint = mint
        self.log = log
        self.now = now
    }

    /// Makes a token of `principal`'s own, or one of a service account within their reach. The plain string in the answer is the only
    /// copy there will ever be.
    package func create(
        _ draft: TokenDraft, as principal: Principal, from origin: Origin, onRetry retry: Retry<APIToken> = .notKept
    ) async throws -> (token: APIToken, plain: PlainToken) {
        try principal.require(.tokensWrite)
        try features.require(.apiTokens, in: principal.tenant.id)
        let time = now().microseconds
        let breadth = TokenBreadth(
            scopes: draft.scopes ?? [.coarse(.read)], expiresAt: try draft.expiry.end(at: time), networks: draft.networks,
            rateLimit: draft.rateLimit)
        let account = try await recipient(draft.serviceAccount, principal)
        guard let maker = principal.subject.profile else {
            throw Refusal(.sessionRequired, "A service account's tokens are made by an admin's session.")
        }
        let role = account?.role ?? principal.role
        try checkCeiling(breadth, of: role, as: principal, at: time)
        try await policies.policy(of: principal.tenant.id).check(breadth, madeAt: time, of: role)

        let id = TokenID(UUID())
        let person = APIToken.Owner(id: .user(maker.id), name: maker.name)
        let owner = account.map { APIToken.Owner(id: .serviceAccount($0.reference.id), name: $0.reference.name) } ?? person
        let minted = mint.mint(id, for: owner.id, in: principal.tenant.id)
        let token = APIToken(
            id: id, tenant: principal.tenant.id, owner: owner, name: draft.name, description: draft.description, prefix: minted.prefix,
            breadth: breadth, isActive: true, createdAt: time, createdBy: .init(id: maker.id, name: maker.name), updatedAt: time,
            parent: principal.token?.id, revocation: nil, activity: nil, metadata: draft.metadata, version: 1)
        let audit = AuditEntry(
            .tokenCreated, of: .apiToken(id), by: principal.auditActor, from: origin, at: time,
            changes: ["scopes": breadth.scopes.map(\.description).joined(separator: " "), "serviceAccount": account?.reference.id.description],
            claim: try retry.claim(token))
        try await store.insert(token, hash: minted.hash, by: principal.standing, for: account, audit)
        log.record(.tokenCreated(id, principal.tenant.id, by: principal.subject.id))
        return (token, minted.plain)
    }

    package func token(_ id: TokenID, as principal: Principal) async throws -> APIToken {
        try principal.require(.tokensRead)
        guard let token = try await store.token(id, in: principal.tenant.id), principal.maySee(token) else { throw Refusal.notFound }
        return token
    }

    /// A page of `principal`'s own tokens, with `all` of everyone's in the tenant, or of one service account's.
    ///
    /// - Parameter countingRequests: with each token's requests of the last day.
    package func tokens(
        _ filter: TokenFilter, all: Bool, _ page: PageRequest, countingRequests: Bool, as principal: Principal
    ) async throws -> TokenListing {
        try principal.require(.tokensRead)
        var filter = filter
        if filter.owner == nil, !all { filter.owner = principal.subject.id }
        if filter.owner != principal.subject.id { try principal.require(.tenantTokensRead) }
        return try await store.tokens(in: principal.tenant.id, filter, page, countingRequests: countingRequests, at: now())
    }

    /// Renames, describes, switches off or on, narrows or widens.
    ///
    /// Widening, which switching on is too, is the owner's alone; a token sets only what is no broader than itself.
    package func update(
        _ id: TokenID, _ change: TokenChange, as principal: Principal, from origin: Origin, if precondition: Precondition = .none
    ) async throws -> APIToken {
        try principal.require(.tokensWrite)
        for _ in 0..<3 {
            guard let token = try await store.token(id, in: principal.tenant.id), principal.mayAct(on: token) else { throw Refusal.notFound }
            try precondition.check(token.version)
            guard token.revocation == nil else {
                throw Refusal(.tokenRevoked, "The token is revoked for good; create a new one.")
            }
            let time = now().microseconds
            var change = change
            if case .some(.some(let expiry)) = change.expiresAt { change.expiresAt = try TokenDraft.Expiry.at(expiry).end(at: time) }
            try await checkChange(change, of: token, as: principal, at: time)
            let audit = AuditEntry(
                .tokenChanged, of: .apiToken(id), by: principal.auditActor, from: origin, at: time, changes: change.summary)
            if let changed = try await store.update(id, in: principal.tenant.id, change, ifVersion: token.version, audit) {
                return changed
            }
        }
        throw Refusal.unavailable("token \(id) changed under three updates in a row")
    }

    /// Ends a token for good. Calling again answers the same.
    package func revoke(_ id: TokenID, reason: String?, as principal: Principal, from origin: Origin) async throws -> APIToken {
        try principal.require(.tokensWrite)
        let audit = AuditEntry(
            .tokenRevoked, of: .apiToken(id), by: principal.auditActor, from: origin, at: now().microseconds, changes: ["reason": reason])
        guard let ending = try await store.revoke(id, in: principal.tenant.id, by: principal.tokenActor, reason: reason, audit)
        else { throw Refusal.notFound }
        if ending.isNew { log.record(.tokenRevoked(id, principal.tenant.id, by: principal.subject.id)) }
        return ending.token
    }

    /// Revokes a token and takes it out of every list; its usage stays readable.
    package func delete(_ id: TokenID, as principal: Principal, from origin: Origin) async throws {
        try principal.require(.tokensWrite)
        let audit = AuditEntry(.tokenDeleted, of: .apiToken(id), by: principal.auditActor, from: origin, at: now().microseconds)
        guard try await store.delete(id, in: principal.tenant.id, by: principal.tokenActor, audit) else {
            throw Refusal.notFound
        }
        log.record(.tokenDeleted(id, principal.tenant.id, by: principal.subject.id))
    }

    /// The service account that a token is made for: it takes a session of an admin whose role isn't below the account's.
    private func recipient(_ id: ServiceAccountID?, _ principal: Principal) async throws -> ServiceAccount? {
        guard let id else { return nil }
        let account = try await reachable(id, principal)
        guard account.status == .active else { throw Refusal.forbidden("The service account is disabled.") }
        return account
    }

    func reachable(_ id: ServiceAccountID, _ principal: Principal) async throws -> ServiceAccount {
        try principal.requirePerson()
        try principal.require(.serviceAccountsWrite)
        guard let account = try await accounts.account(id, in: principal.tenant.id) else { throw Refusal.notFound }
        try account.requireReach(of: principal)
        return account
    }

    /// A token never gets more than its owner may now, nor more than the credential that makes it.
    private func checkCeiling(_ breadth: TokenBreadth, of role: Role, as principal: Principal, at time: Date) throws(Refusal) {
        guard breadth.scopes.isWithin(role) else { throw .forbidden("These scopes reach further than the role \(role.rawValue).") }
        switch principal.credential {
        case .apiToken(let maker):
            guard maker.breadth.covers(breadth) else { throw .beyondItself }
            // What it hands on, it needs itself.
            principal.exercised.note(breadth.scopes.permissions)
        case .session(let session):
            guard !breadth.takesFreshSession || session.isFresh(at: time) else {
                throw Refusal(
                    .reauthenticationRequired,
                    "A token without expiry or with the scope admin takes a session whose password was given in the last 15 minutes: log in again.")
            }
        }
    }

    /// What widens is the owner's alone, and theirs only up to their role; a token sets nothing that is broader than itself.
    private func checkChange(_ change: TokenChange, of token: APIToken, as principal: Principal, at time: Date) async throws {
        let breadth = change.applied(to: token.breadth)
        if change.isActive == true && !token.isActive || change.setsBreadth && !token.breadth.covers(breadth) {
            let role: Role
            switch token.owner.id {
            case .serviceAccount(let id): role = try await reachable(id, principal).role
            case .user:
                guard token.owner.id == principal.subject.id else {
                    throw Refusal.forbidden("Only its owner may switch a token on again or let it reach further.")
                }
                role = principal.role
            }
            try features.require(.apiTokens, in: token.tenant)
            try checkCeiling(breadth, of: role, as: principal, at: time)
            try await policies.policy(of: token.tenant).check(breadth, madeAt: token.createdAt, of: role)
        }
        let onlyEnds = change.isActive == false && !change.setsBreadth && !change.setsWords
        guard let maker = principal.token, !onlyEnds else { return }
        guard maker.breadth.covers(breadth) else { throw Refusal.beyondItself }
        principal.exercised.note(breadth.scopes.permissions)
    }
}

extension Principal {
    /// Own tokens, and others' with the permission for all of the tenant's.
    package func maySee(_ token: APIToken) -> Bool { mayReadTokens(of: token.owner.id) }

    package func mayReadTokens(of owner: SubjectID) -> Bool { owner == subject.id || exercises(.tenantTokensRead) }

    fileprivate func mayAct(on token: APIToken) -> Bool { token.owner.id == subject.id || exercises(.tenantTokensWrite) }

    /// Whose the token is turns out with the change, so the permission for others' counts as taken.
    fileprivate var tokenActor: TokenActor { TokenActor(id: subject.id, mayActOnAll: exercises(.tenantTokensWrite)) }
}

extension Refusal {
    fileprivate static var beyondItself: Refusal {
        .forbidden("A token can't make or set one that has more scopes, lives longer, or is less bound than itself.")
    }
}

extension TokenChange {
    fileprivate var setsWords: Bool { name != nil || description != nil || metadata != nil }

    /// For the audit log: the state it sets, and which of the rest changes.
    fileprivate var summary: [String: String?] {
        var summary: [String: String?] = [:]
        if let isActive { summary["isActive"] = "\(isActive)" }
        if name != nil { summary["name"] = "changed" }
        if description != nil { summary["description"] = "changed" }
        if metadata != nil { summary["metadata"] = "changed" }
        if let scopes { summary["scopes"] = scopes.map(\.description).joined(separator: " ") }
        if let expiresAt { summary["expiresAt"] = expiresAt.map(RFC3339.format) ?? "never" }
        if let networks { summary["allowedCidrs"] = networks.map(\.description).joined(separator: " ") }
        if let rateLimit { summary["rateLimit"] = rateLimit.map { "\($0.requests)/\($0.windowSeconds)" } ?? "none" }
        return summary
    }
}
