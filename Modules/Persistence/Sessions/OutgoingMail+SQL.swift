import Domain
import Postgres

extension OutgoingMail {
    /// Puts the mail where its sender will find it.
    var insertion: SQL { insertion(where: "true") }

    /// Like ``insertion``, if `condition` holds.
    func insertion(where condition: SQL) -> SQL {
        """
        INSERT INTO tessera.outbox (tenant_id, id, kind, recipient, subject_id, created_at, next_attempt_at)
        SELECT \(tenant.uuid), \(id), \(kind.rawValue), \(recipient), \(subject), \(createdAt), \(createdAt) WHERE \(condition)
        """
    }
}
