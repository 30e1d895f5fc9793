import Domain
import Postgres

/// How a tenant's limits are stored: a pair of columns for each kind, and the names of those that are only watched, sorted.
enum TenantLimitRow {
    static let columns: SQL = "token_requests, token_window, user_requests, user_window, tenant_requests, tenant_window, shadow"

    /// What ``limits(_:_:)`` reads, as two columns.
    static let selected: SQL =
        "ARRAY[token_requests, token_window, user_requests, user_window, tenant_requests, tenant_window], shadow"

    static func limits(_ numbers: [Int32?], _ shadow: [String]) -> TenantLimits {
        var limits = TenantLimits(shadow: Set(shadow.compactMap(TenantLimits.Kind.init(rawValue:))))
        for (index, kind) in [TenantLimits.Kind.token, .user, .tenant].enumerated() where numbers.count == 6 {
            guard let requests = numbers[2 * index], let window = numbers[2 * index + 1] else { continue }
            limits.rates[kind] = TokenRate(requests: Int(requests), windowSeconds: Int(window))
        }
        return limits
    }

    /// The values of ``columns``.
    static func values(_ limits: TenantLimits) -> SQL {
        """
        \(pair(limits, .token)), \(pair(limits, .user)), \(pair(limits, .tenant)), \(limits.shadow.map(\.rawValue).sorted())
        """
    }

    private static func pair(_ limits: TenantLimits, _ kind: TenantLimits.Kind) -> SQL {
        let rate = limits.rates[kind]
        return "\((rate?.requests).map(Int32.init))::integer, \((rate?.windowSeconds).map(Int32.init))::integer"
    }
}
