import Domain
import Postgres

extension OutgoingMail {
    /// Puts the mail where its sender will find it.
    var insertion: SQL {
        """
        INSERT INTO tessera.outbox (tenant_id, id, kind, recipient, subject_id, created_at, next_attempt_at)
        VALUES (\(tenant.uuid), \(id), \(kind.rawValue), \(recipient), \(subject), \(createdAt), \(createdAt))
        """
    }
}
