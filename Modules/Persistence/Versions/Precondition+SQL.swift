import Domain
import Postgres

extension Precondition {
    /// Whether it holds for a row's `version`.
    var holds: SQL { holds(of: "version") }

    /// Whether it holds for the version in `column`.
    func holds(of column: SQL) -> SQL {
        switch self {
        case .none: "true"
        case .version(let versions): "\(column) = ANY(\(versions.map(Int64.init)))"
        }
    }
}
