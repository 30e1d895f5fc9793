package import Domain
package import FoundationEssentials
import Postgres

/// API tokens of one tenant at a time.
package struct TokenTable: TokenStore {
    let database: TenantDatabase

    package init(_ database: TenantDatabase) { self.database = database }

    package func insert(
        _ token: APIToken, hash: HashedToken, by maker: Standing, for account: ServiceAccount?, _ audit: AuditEntry
    ) async throws {
        // The owner's creations go one after the other, so that none passes the bound however many come at once. The count is
        // served by api_tokens_owner_idx. The maker and the account are held meanwhile: whoever is just being removed, or loses the
        // role that this rests on, gets no token that their removal would overlook.
        let owner = token.owner.id
        var stands = maker.holds(in: token.tenant)
        var locks = [maker.lock(in: token.tenant)]
        if let account {
            let recipient = Standing(id: owner, role: account.role)
            locks.append(recipient.lock(in: token.tenant))
            stands = "\(stands) AND \(recipient.holds(in: token.tenant))"
        }
        if let parent = token.parent {
            // Held too, against revocations as well: a token that is being ended makes none behind its end.
            locks.append("SELECT 1 FROM tessera.api_tokens WHERE tenant_id = \(token.tenant.uuid) AND id = \(parent.uuid) FOR SHARE")
            stands = """
                (\(stands) AND EXISTS (SELECT FROM tessera.api_tokens p WHERE p.tenant_id = \(token.tenant.uuid) AND p.id = \(parent.uuid)
                    AND p.revoked_at IS NULL AND p.is_active))
                """
        }
        let inserted = try await database.unit(
            token.tenant,
            ["SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(\(owner.description), 0))"] + locks + [
                "SELECT \(stands)",
                """
                WITH made AS (
                INSERT INTO tessera.api_tokens (tenant_id, id, owner_type, owner_id, name, description, token_prefix, token_hash, scopes, is_active,
                    expires_at, allowed_cidrs, rate_limit_requests, rate_limit_window_seconds, created_at, created_by, parent_token_id, updated_at, metadata,
                    secret_seen_by, secret_seen_at, scopes_since)
                SELECT \(token.tenant.uuid), \(token.id.uuid), \(owner.kind), \(owner.uuid), \(token.name), \(token.description), \(token.prefix),
                    \(Bytea(hash.bytes)), \(token.breadth.scopes.map(\.description)), \(token.isActive), \(token.breadth.expiresAt),
                    \(token.breadth.networks.compactMap(\.network))::cidr[], \((token.breadth.rateLimit?.requests).map(Int32.init)), \((token.breadth.rateLimit?.windowSeconds).map(Int32.init)), \(token.createdAt),
                    \(token.createdBy?.id.uuid), \(token.parent?.uuid), \(token.updatedAt), \(JSONB(token.metadata)),
                    \(token.createdBy?.id.uuid), \(token.createdAt), \(token.createdAt)
                WHERE (SELECT count(*) FROM tessera.api_tokens
                       WHERE tenant_id = \(token.tenant.uuid) AND owner_id = \(owner.uuid) AND deleted_at IS NULL AND revoked_at IS NULL)
                      < \(TokenBounds.perOwner)
                  AND \(stands)
                RETURNING id)
                SELECT \(audit.call) FROM made
                """,
            ], claiming: audit.claim)
        guard try inserted[locks.count + 1].decode(Bool.self) == [true] else { throw Refusal.roleChanged }
        guard inserted[locks.count + 2].count == 1 else {
            throw Refusal(.tokenLimitReached, "The owner has \(TokenBounds.perOwner) live tokens, which is the most: revoke one first.")
        }
    }

    package func token(_ id: TokenID, in tenant: TenantID) async throws -> APIToken? {
        // By primary key, with the names of owner and maker by theirs.
        try await database.query(tenant, Self.selection(of: id, tenant)).first.map(TokenRow.token)
    }

    private static func selection(of id: TokenID, _ tenant: TenantID) -> SQL {
        """
        SELECT \(TokenRow.columns) FROM tessera.api_tokens t \(TokenRow.joins)
        WHERE t.tenant_id = \(tenant.uuid) AND t.id = \(id.uuid) AND t.deleted_at IS NULL
        """
    }

    package func tokens(
        in tenant: TenantID, _ filter: TokenFilter, _ page: PageRequest, countingRequests: Bool, at now: Date
    ) async throws -> TokenListing {
        let condition = Self.condition(tenant, filter, now)
        let isDescending = filter.order == .newestFirst
        var behind: SQL = ""
        if let keyset = page.keyset {
            behind = " AND (t.created_at, t.id) \(unsafeRaw: isDescending ? "<" : ">") (\(keyset.time), \(keyset.id))"
        }
        let direction: SQL = isDescending ? "DESC" : "ASC"
        let place: SQL = """
            WHERE \(condition)\(behind)
            ORDER BY t.created_at \(direction), t.id \(direction) LIMIT \(page.limit + 1) OFFSET \(page.offset)
            """
        // Served by api_tokens_owner_idx, or for all owners by api_tokens_created_at_idx.
        let rows = try await database.unit(
            tenant,
            [
                "SELECT \(TokenRow.columns) FROM tessera.api_tokens t \(TokenRow.joins) \(place)",
                "SELECT count(*) FROM tessera.api_tokens t WHERE \(condition)",
            ] + (countingRequests ? [Self.requests(tenant, of: place, since: HourlyRequests.start(at: now))] : []))
        let total = page.keyset == nil ? try rows[1].decode(Int.self).first : nil
        let tokens = Page(fetched: try rows[0].map(TokenRow.token), limit: page.limit, total: total) {
            Keyset(time: $0.createdAt, id: $0.id.uuid)
        }
        return TokenListing(page: tokens, requests: countingRequests ? try Self.requests(rows[2], since: HourlyRequests.start(at: now)) : nil)
    }

    package func update(
        _ id: TokenID, in tenant: TenantID, _ change: TokenChange, ifVersion version: Int, _ audit: AuditEntry
    ) async throws -> APIToken? {
        var assignments: SQL = "updated_at = \(audit.occurredAt), version = version + 1"
        if let name = change.name { assignments = "\(assignments), name = \(name)" }
        if let description = change.description { assignments = "\(assignments), description = \(description)" }
        if let isActive = change.isActive { assignments = "\(assignments), is_active = \(isActive)" }
        if let metadata = change.metadata { assignments = "\(assignments), metadata = \(JSONB(metadata))" }
        if let scopes = change.scopes?.map(\.description) {
            // Scopes that stay as they are go on standing since when they did.
            assignments = """
                \(assignments), scopes = \(scopes), scopes_since = CASE WHEN scopes = \(scopes) THEN scopes_since ELSE \(audit.occurredAt) END
                """
        }
        if let expiresAt = change.expiresAt { assignments = "\(assignments), expires_at = \(expiresAt)" }
        if let networks = change.networks { assignments = "\(assignments), allowed_cidrs = \(networks.compactMap(\.network))::cidr[]" }
        if let rate = change.rateLimit {
            assignments = """
                \(assignments), rate_limit_requests = \((rate?.requests).map(Int32.init)), rate_limit_window_seconds = \((rate?.windowSeconds).map(Int32.init))
                """
        }
        return try await returning(
            tenant,
            """
            UPDATE tessera.api_tokens SET \(assignments)
            WHERE tenant_id = \(tenant.uuid) AND id = \(id.uuid) AND version = \(version) AND revoked_at IS NULL AND deleted_at IS NULL
            """,
            audit)
    }

    package func rotate(
        _ token: APIToken, to hash: HashedToken, shownAs prefix: String, seenBy person: UserID?, overlapEndsAt end: Date, _ audit: AuditEntry
    ) async throws -> Bool {
        // By primary key.
        let rows = try await database.unit(
            token.tenant,
            [
                """
                SELECT \(audit.call)
                WHERE tessera.token_rotate(\(token.id.uuid), \(Int32(token.version)), \(Bytea(hash.bytes)), \(prefix), \(person?.uuid),
                    \(audit.occurredAt), \(end))
                """
            ], claiming: audit.claim)
        return rows[0].count == 1
    }

    package func finishRotation(of id: TokenID, in tenant: TenantID, _ audit: AuditEntry) async throws -> APIToken? {
        // By the first columns of the primary key; at most one overlap is in progress.
        let rows = try await database.unit(
            tenant,
            [
                """
                WITH ended AS (
                    UPDATE tessera.token_secrets SET good_until = \(audit.occurredAt)
                    WHERE tenant_id = \(tenant.uuid) AND token_id = \(id.uuid) AND good_until > \(audit.occurredAt) RETURNING token_id
                )
                SELECT \(audit.call) FROM ended
                """,
                Self.selection(of: id, tenant),
            ])
        return try rows[1].first.map(TokenRow.token)
    }

    package func revoke(
        _ id: TokenID, in tenant: TenantID, by actor: TokenActor, reason: String?, _ audit: AuditEntry
    ) async throws -> TokenEnding? {
        let now = audit.occurredAt
        let rows = try await database.unit(
            tenant,
            [
                """
                WITH ended AS (
                    UPDATE tessera.api_tokens SET revoked_at = \(now), revoked_reason = \(reason), updated_at = \(now), version = version + 1
                    WHERE tenant_id = \(tenant.uuid) AND id = \(id.uuid) AND \(Self.isWithinReach(actor)) AND revoked_at IS NULL
                    RETURNING id
                )
                SELECT \(audit.call) FROM ended
                """,
                """
                SELECT \(TokenRow.columns) FROM tessera.api_tokens t \(TokenRow.joins)
                WHERE t.tenant_id = \(tenant.uuid) AND t.id = \(id.uuid) AND \(Self.isWithinReach(actor)) AND t.deleted_at IS NULL
                """,
            ])
        return try rows[1].first.map { TokenEnding(token: try TokenRow.token($0), isNew: rows[0].count == 1) }
    }

    package func delete(_ id: TokenID, in tenant: TenantID, by actor: TokenActor, _ audit: AuditEntry) async throws -> Bool {
        let now = audit.occurredAt
        // By primary key. The tombstone keeps owner and name; without its hash nothing can be verified against it.
        return try await database.query(
            tenant,
            """
            WITH ended AS (
                UPDATE tessera.api_tokens
                SET revoked_at = coalesce(revoked_at, \(now)), deleted_at = \(now), token_hash = NULL, updated_at = \(now), version = version + 1
                WHERE tenant_id = \(tenant.uuid) AND id = \(id.uuid) AND \(Self.isWithinReach(actor)) AND deleted_at IS NULL
                RETURNING tenant_id, id
            ), forgotten AS (
                DELETE FROM tessera.token_secrets s USING ended WHERE s.tenant_id = ended.tenant_id AND s.token_id = ended.id
            ), unlisted AS (
                DELETE FROM tessera.imported_tokens i USING ended WHERE i.tenant_id = ended.tenant_id AND i.token_id = ended.id
            )
            SELECT \(audit.call) FROM ended
            """
        ).count == 1
    }

    // MARK: Pieces

    /// Runs a change and reads the token back in the same round trip; nil if nothing was changed.
    private func returning(_ tenant: TenantID, _ change: SQL, _ audit: AuditEntry) async throws -> APIToken? {
        let rows = try await database.query(
            tenant,
            """
            WITH t AS (\(change) RETURNING \(TokenRow.readable)), audited AS MATERIALIZED (SELECT count(\(audit.call)::text) FROM t)
            SELECT \(TokenRow.columns) FROM t \(TokenRow.joins) CROSS JOIN audited
            """)
        return try rows.first.map(TokenRow.token)
    }

    private static func isWithinReach(_ actor: TokenActor) -> SQL { "(owner_id = \(actor.id.uuid) OR \(actor.mayActOnAll))" }

    private static func condition(_ tenant: TenantID, _ filter: TokenFilter, _ now: Date) -> SQL {
        var condition: SQL = "t.tenant_id = \(tenant.uuid) AND t.deleted_at IS NULL"
        if let owner = filter.owner { condition = "\(condition) AND t.owner_id = \(owner.uuid)" }
        if let search = filter.search {
            condition = "\(condition) AND (t.name ILIKE \(search.likePattern) OR t.token_prefix ILIKE \(search.likePattern))"
        }
        if filter.makerLeft {
            condition = """
                \(condition) AND t.owner_type = 'service_account' AND t.revoked_at IS NULL AND t.secret_seen_by IS NOT NULL
                    AND NOT EXISTS (SELECT FROM tessera.memberships m WHERE m.tenant_id = t.tenant_id AND m.user_id = t.secret_seen_by
                        AND m.role IN ('admin', 'owner') AND m.joined_at <= t.secret_seen_at)
                """
        }
        for risk in filter.risks.conditions(at: now) { condition = "\(condition) AND \(risk)" }
        let isExpired: SQL = "coalesce(t.expires_at <= \(now), false)"
        switch filter.status {
        case nil: return condition
        case .revoked: return "\(condition) AND t.revoked_at IS NOT NULL"
        case .expired: return "\(condition) AND t.revoked_at IS NULL AND \(isExpired)"
        case .inactive: return "\(condition) AND t.revoked_at IS NULL AND NOT \(isExpired) AND NOT t.is_active"
        case .active: return "\(condition) AND t.revoked_at IS NULL AND NOT \(isExpired) AND t.is_active"
        }
    }
}
