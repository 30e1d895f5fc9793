import FoundationEssentials

/// One token of an import: what is kept of it, and whose it is to be.
package struct ImportDraft: Sendable {
    package let token: TokenDraft
    package let hash: HashedToken
    /// If given, the one that the tenant was granted.
    package let prefix: String?
    /// nil: the service account's, or the importing admin's own.
    package let owner: UserID?

    package init(token: TokenDraft, hash: HashedToken, prefix: String?, owner: UserID?) {
        self.token = token
        self.hash = hash
        self.prefix = prefix
        self.owner = owner
    }
}

/// Takes tokens of another system over by their hashes: they keep working under their own prefix, as tokens like any other.
///
/// All functions throw ``Refusal``.
package struct TokenImports: Sendable {
    private let store: any TokenImportStore
    private let policies: any TokenPolicyStore
    private let features: any FeatureFlags
    private let log: any SecurityLog
    private let now: Now

    /// Tokens of one import.
    package static let bounds = 1...100

    package init(
        store: any TokenImportStore, policies: any TokenPolicyStore, features: any FeatureFlags, log: any SecurityLog, now: @escaping Now
    ) {
        self.store = store
        self.policies = policies
        self.features = features
        self.log = log
        self.now = now
    }

    /// Imports all of `drafts` or none. Takes a session of an admin, for owners whose role isn't above theirs; a fresh one if any of the
    /// tokens has no end or the scope admin.
    ///
    /// Throws ``ErrorCode/validationFailed`` with a fault for each token that can't be taken, under `/tokens/<position>`.
    package func take(
        _ drafts: [ImportDraft], as principal: Principal, from origin: Origin, onRetry retry: Retry<[APIToken]> = .notKept
    ) async throws -> [APIToken] {
        let person = try principal.requirePerson(from: .admin)
        try features.require(.apiTokens, in: principal.tenant.id)
        let time = now().microseconds
        let ids = drafts.map { $0.ownerID(or: person) }
        let ground = try await store.ground(of: ids, in: principal.tenant.id)
        guard let prefix = ground.prefix?.text else {
            throw Refusal.forbidden("This tenant was granted no token prefix: ask the platform's administrators for one.")
        }
        let policy = try await policies.policy(of: principal.tenant.id)
        var faults = Self.repetitions(drafts, ids)
        var tokens: [ImportedToken] = []
        for (index, draft) in drafts.enumerated() {
            do throws(Refusal) {
                if let wanted = draft.prefix, wanted != prefix {
                    throw .invalid([FieldFault("/prefix", "invalid", "This tenant was granted another prefix.")])
                }
                let breadth = TokenBreadth(
                    scopes: draft.token.scopes ?? [.coarse(.read)], expiresAt: try draft.token.expiry.end(at: time),
                    networks: draft.token.networks, rateLimit: draft.token.rateLimit)
                let owner = try ground.owner(ids[index], reachableBy: principal)
                guard breadth.scopes.isWithin(owner.role) else {
                    throw .invalid([FieldFault("/scopes", "forbidden", "These scopes reach further than the role \(owner.role.rawValue).")])
                }
                try policy.check(breadth, madeAt: time, of: owner.role)
                let token = APIToken(
                    id: TokenID(UUID()), tenant: principal.tenant.id, owner: .init(id: ids[index], name: owner.name), name: draft.token.name,
                    description: draft.token.description, prefix: prefix, breadth: breadth, isActive: true, createdAt: time,
                    createdBy: .init(id: person.id, name: person.profile.name), updatedAt: time, parent: nil, revocation: nil, activity: nil,
                    metadata: draft.token.metadata, version: 1)
                tokens.append(ImportedToken(token: token, hash: draft.hash, role: owner.role))
            } catch {
                faults += error.faults(ofToken: index)
            }
        }
        if !faults.isEmpty { throw Refusal.invalid(faults) }
        if tokens.contains(where: \.token.breadth.takesFreshSession) { try person.requireFresh(at: time) }
        let audit = AuditEntry(
            .tokenImported, of: .tenant(principal.tenant.id), by: principal.auditActor, from: origin, at: time, changes: ["prefix": prefix],
            claim: try retry.claim(tokens.map(\.token)))
        let conflicts = try await store.insert(tokens, under: prefix, by: principal.standing, audit)
        if !conflicts.isEmpty { throw Refusal.invalid(conflicts.map(\.fault)) }
        for token in tokens { log.record(.tokenCreated(token.token.id, principal.tenant.id, by: principal.subject.id)) }
        return tokens.map(\.token)
    }

    /// What stands in one import twice: a hash, or a name of one owner's.
    private static func repetitions(_ drafts: [ImportDraft], _ owners: [SubjectID]) -> [FieldFault] {
        var hashes: Set<[UInt8]> = []
        var names: [SubjectID: Set<String>] = [:]
        var faults: [FieldFault] = []
        for (index, draft) in drafts.enumerated() {
            if !hashes.insert(draft.hash.bytes).inserted {
                faults.append(FieldFault("/tokens/\(index)/sha256", "repeated", "Each token is given once."))
            }
            if !names[owners[index], default: []].insert(draft.token.name).inserted {
                faults.append(FieldFault("/tokens/\(index)/name", "repeated", "An owner's tokens have different names."))
            }
        }
        return faults
    }
}

extension ImportDraft {
    fileprivate func ownerID(or person: Person) -> SubjectID {
        token.serviceAccount.map { .serviceAccount($0) } ?? .user(owner ?? person.id)
    }
}

extension ImportGround {
    /// Another tenant's people are as unknown as nobody's.
    fileprivate func owner(_ id: SubjectID, reachableBy principal: Principal) throws(Refusal) -> Owner {
        let (member, kind) =
            switch id {
            case .user: ("/ownerId", "member")
            case .serviceAccount: ("/serviceAccountId", "active service account")
            }
        guard let owner = owners[id] else { throw .invalid([FieldFault(member, "not_found", "There is no such \(kind) in this tenant.")]) }
        guard owner.role <= principal.role else {
            throw .invalid([FieldFault(member, "forbidden", "An owner whose role is above your own is out of your reach.")])
        }
        return owner
    }
}

extension Refusal {
    /// What was said of one token, said of the token at that position.
    fileprivate func faults(ofToken index: Int) -> [FieldFault] {
        let place = "/tokens/\(index)"
        if faults.isEmpty { return [FieldFault(place + "/scopes", "forbidden", detail)] }
        return faults.map { FieldFault(place + $0.pointer, $0.code, $0.detail) }
    }
}

extension ImportConflict {
    fileprivate var fault: FieldFault {
        let place = "/tokens/\(index)"
        return switch kind {
        case .owner: FieldFault(place, "conflict", "The owner has changed meanwhile: look what they are now.")
        case .name: FieldFault(place + "/name", "taken", "The owner has a token of this name that isn't revoked: choose another name.")
        case .hash: FieldFault(place + "/sha256", "taken", "This token was imported before.")
        case .limit: FieldFault(place, "limit_reached", "The owner would have more than \(TokenBounds.perOwner) live tokens: revoke some first.")
        }
    }
}
