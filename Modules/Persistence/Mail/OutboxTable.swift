package import Domain
package import FoundationEssentials
import Postgres

/// The mails that wait to be sent, for whichever node comes first.
package struct OutboxTable: Outbox {
    private let database: JobsDatabase

    package init(_ database: JobsDatabase) { self.database = database }

    package func take(_ limit: Int, lease: TimeInterval, at now: Date) async throws -> [QueuedMail] {
        // By outbox_due_idx; rows that another node is just taking are passed over.
        let rows = try await database.query(
            """
            UPDATE tessera.outbox o SET leased_until = \(now.addingTimeInterval(lease)), attempts = attempts + 1
            FROM (SELECT tenant_id, id FROM tessera.outbox
                  WHERE next_attempt_at <= \(now) AND (leased_until IS NULL OR leased_until <= \(now))
                  ORDER BY next_attempt_at LIMIT \(limit) FOR UPDATE SKIP LOCKED) due
            WHERE o.tenant_id = due.tenant_id AND o.id = due.id
            RETURNING o.tenant_id, o.id, o.kind, o.recipient, o.subject_id, o.created_at, o.attempts, o.details
            """)
        return try rows.decode(UUID.self, UUID.self, String.self, String.self, UUID.self, Date.self, Int32.self, JSONB.self).compactMap {
            tenant, id, kind, recipient, subject, createdAt, attempts, details in
            MailKind(rawValue: kind).map { kind in
                QueuedMail(
                    mail: OutgoingMail(kind, to: recipient, about: subject, in: TenantID(tenant), id: id, at: createdAt, details: details.texts),
                    attempts: Int(attempts) - 1)
            }
        }
    }

    package func issue(_ secret: OneTimeSecret, for mail: OutgoingMail, at now: Date) async throws -> MailContext? {
        let rows = try await database.query(
            """
            SELECT greeting, tenant_name FROM tessera.secret_issue(\(secret.purpose.rawValue), \(secret.id), \(Bytea(secret.hash.bytes)),
                \(mail.recipient), \(mail.subject), \(mail.tenant.uuid), \(now), \(now.addingTimeInterval(secret.purpose.lifetime)))
            """)
        return try rows.decode(String?.self, String?.self).first.map { MailContext(greeting: $0.0, tenantName: $0.1) }
    }

    package func finish(_ mail: OutgoingMail, at now: Date) async throws {
        _ = try await database.query(
            """
            UPDATE tessera.outbox SET sent_at = \(now), next_attempt_at = NULL, leased_until = NULL, failure = NULL
            WHERE tenant_id = \(mail.tenant.uuid) AND id = \(mail.id)
            """)
    }

    package func fail(_ mail: OutgoingMail, reason: String, retry: Date?) async throws {
        _ = try await database.query(
            """
            UPDATE tessera.outbox SET next_attempt_at = \(retry), leased_until = NULL, failure = \(reason)
            WHERE tenant_id = \(mail.tenant.uuid) AND id = \(mail.id)
            """)
    }
}
