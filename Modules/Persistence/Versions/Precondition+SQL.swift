import Domain
import Postgres

extension Precondition {
    /// Whether it holds for a row's `version`.
    var holds: SQL {
        switch self {
        case .none: "true"
        case .version(let versions): "version = ANY(\(versions.map(Int64.init)))"
        }
    }
}
