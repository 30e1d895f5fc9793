import Domain
import FoundationEssentials
import Postgres

extension TokenRisks {
    /// What a token `t` must fulfil besides; empty where nothing is asked for.
    func conditions(at now: Date) -> [SQL] {
        var conditions: [SQL] = []
        if neverExpires { conditions.append("t.expires_at IS NULL") }
        if let idleDays { conditions.append(Self.isIdle(days: idleDays, at: now)) }
        if isExposed { conditions.append("t.exposed_at IS NOT NULL") }
        if isOverScoped { conditions.append(Self.isOverScoped(at: now)) }
        return conditions
    }

    /// Not used for `days`; what was never used counts from its creation. The latest use by primary key.
    static func isIdle(days: Int, at now: Date) -> SQL {
        """
        coalesce((SELECT a.last_used_at FROM tessera.token_activity a WHERE a.tenant_id = t.tenant_id AND a.token_id = t.id), t.created_at)
            < \(now.addingTimeInterval(Double(-days) * 86_400))
        """
    }

    /// One of the scopes could be narrower: what the token would lose, less what its other scopes give, is something, and nothing of it was
    /// needed. Sets are words with a bit for each permission. What was needed is read by the first columns of the primary key.
    private static func isOverScoped(at now: Date) -> SQL {
        let narrowings = ScopeNarrowing.all
        let permissions = Permission.allCases
        let window = now.addingTimeInterval(-ScopeJudgement.window)
        return """
            t.scopes_since <= \(window) AND EXISTS (
                SELECT FROM (
                    SELECT coalesce(bit_or(p.word), 0) AS word FROM tessera.token_permission_use u
                    JOIN unnest(\(permissions.map(\.rawValue)), \(permissions.map { PermissionSet([$0]).word })) AS p (name, word) ON p.name = u.permission
                    WHERE u.tenant_id = t.tenant_id AND u.token_id = t.id AND u.last_needed_at > \(window.addingTimeInterval(-ScopeJudgement.tolerance))
                ) AS needed, unnest(\(narrowings.map(\.scope.description)), \(narrowings.map(\.loss.word))) AS n (scope, loss),
                LATERAL (
                    SELECT n.loss & ~coalesce(bit_or(g.word), 0) AS word
                    FROM unnest(\(narrowings.map(\.scope.description)), \(narrowings.map(\.scope.permissions.word))) AS g (scope, word)
                    WHERE g.scope = ANY (t.scopes) AND g.scope <> n.scope
                ) AS lost
                WHERE n.scope = ANY (t.scopes) AND lost.word <> 0 AND lost.word & needed.word = 0
            )
            """
    }
}
