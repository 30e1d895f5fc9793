import Domain
import FoundationEssentials
import Postgres

extension OneTimeSecret {
    /// That the row of `one_time_secrets`, under the name `table`, is this secret's, unused and in time. By primary key.
    func isGood(at now: Date, in table: SQL = "one_time_secrets") -> SQL {
        """
        \(table).purpose = \(purpose.rawValue) AND \(table).id = \(id) AND \(table).hash = \(Bytea(hash.bytes))
            AND \(table).used_at IS NULL AND \(table).expires_at > \(now)
        """
    }
}
