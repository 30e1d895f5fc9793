/// Which of 10,000 equal shares of all tenants a tenant falls into, for each flag anew.
///
/// The same on every node and in every version: a tenant that has a feature keeps it while the percentage only grows. Changing the
/// arithmetic would switch features for tenants, so a test holds it.
package enum FlagBucket {
    package static let count = 10_000
    static let perPercent = count / 100

    /// FNV-1a over `key:tenant` (draft-eastlake-fnv §2), 64 bits, whose bits are mixed once more (MurmurHash3's `fmix64`), since
    /// FNV's last bytes hardly reach its upper bits.
    package static func of(_ key: String, _ tenant: TenantID) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(key):\(tenant)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        hash ^= hash >> 33
        return Int(hash % UInt64(count))
    }
}
