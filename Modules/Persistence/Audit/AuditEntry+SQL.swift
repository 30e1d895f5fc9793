import Domain
import FoundationEssentials
import Postgres

extension AuditEntry {
    /// A call of `tessera.audit_append`: an expression to be selected once for each change, as the last thing a transaction does, so
    /// that nobody holds the chain's head while waiting for a row.
    ///
    /// The entry goes to the transaction's tenant, or to the nil tenant outside of any. The claim of a request that was sent under a key is kept
    /// with it: where nothing changed, neither is.
    var call: SQL { call(with: "\(JSONB(Self.json(changes)))") }

    /// Like ``call``, with more changes, as jsonb, that only the statement knows.
    func call(adding more: SQL) -> SQL { call(with: "\(JSONB(Self.json(changes))) || \(more)") }

    private func call(with changes: SQL) -> SQL {
        let (actorKind, actorID) = actor.stored
        let (targetKind, targetID) = target.stored
        let entry: SQL = """
            tessera.audit_append(\(id), \(occurredAt), \(actorKind), \(actorID), \(action.rawValue), \(targetKind), \(targetID),
                \(origin.ipAddress?.inet), \(origin.requestID), \(changes))
            """
        return claim.map { "(\($0.keeping)::text || \(entry)::text)" } ?? entry
    }

    /// Like ``call``, for each row of a set that changes along with this entry's target, by the same actor at the same time: `target`
    /// is what the row's id is called, and the entry gets an id of the database's.
    func call(ofEach target: SQL, as action: AuditAction, _ targetKind: String, changes: [String: String?]) -> SQL {
        call(ofEach: target, as: action, targetKind, changes: "\(JSONB(Self.json(changes)))")
    }

    /// With changes, as jsonb, that are each row's own.
    func call(ofEach target: SQL, as action: AuditAction, _ targetKind: String, changes: SQL) -> SQL {
        let (actorKind, actorID) = actor.stored
        return """
            tessera.audit_append(gen_random_uuid(), \(occurredAt), \(actorKind), \(actorID), \(action.rawValue), \(targetKind), \(target),
                \(origin.ipAddress?.inet), \(origin.requestID), \(changes))
            """
    }

    private static func json(_ changes: [String: String?]) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (try? encoder.encode(changes)).map(Array.init) ?? Array("{}".utf8)
    }
}

extension AuditActor {
    fileprivate var stored: (kind: String, id: UUID?) {
        switch self {
        case .user(let id): ("user", id.uuid)
        case .apiToken(let id): ("api_token", id.uuid)
        case .serviceAccount(let id): ("service_account", id.uuid)
        case .system: ("system", nil)
        case .anonymous: ("anonymous", nil)
        }
    }
}

extension AuditTarget {
    fileprivate var stored: (kind: String, id: String) {
        switch self {
        case .user(let id): ("user", id.description)
        case .unknownAccount: ("user", "unknown")
        case .session(let id): ("session", id.description)
        case .tenant(let id): ("tenant", id.description)
        case .invitation(let id): ("invitation", id.description)
        case .serviceAccount(let id): ("service_account", id.description)
        case .apiToken(let id): ("api_token", id.description)
        case .signingKey(let id): ("signing_key", id)
        case .introspector(let id): ("introspector", id.description)
        case .mail(let id): ("mail", id.lowercased)
        case .featureFlag(let flag): ("feature_flag", flag.rawValue)
        }
    }
}
