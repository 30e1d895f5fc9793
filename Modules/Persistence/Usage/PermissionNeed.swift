import Domain
import FoundationEssentials

/// When a token's permission was needed last, as far as one batch of usage tells.
struct PermissionNeed {
    let key: Key
    let at: Date

    struct Key: Hashable {
        let tenant: TenantID
        let token: TokenID
        let permission: Permission
    }

    /// One for each permission that any of `records` needed.
    static func latest(in records: [UsageRecord]) -> [PermissionNeed] {
        var latest: [Key: Date] = [:]
        for record in records where !record.needed.isEmpty {
            for permission in record.needed.permissions {
                let key = Key(tenant: record.tenant, token: record.token, permission: permission)
                latest[key] = max(latest[key] ?? .distantPast, record.occurredAt)
            }
        }
        return latest.map { PermissionNeed(key: $0.key, at: $0.value) }
    }
}
