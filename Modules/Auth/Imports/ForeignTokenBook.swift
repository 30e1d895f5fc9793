import Domain

/// The foreign prefixes that are in force, for looking up what a bearer token begins with.
struct ForeignTokenBook: Sendable {
    /// By the bytes of their prefixes, ascending.
    private let entries: [Entry]

    private struct Entry {
        let tenant: TenantID
        let prefix: ForeignPrefix
        let start: [UInt8]
        /// By byte, whether it may stand behind the prefix.
        let alphabet: [Bool]
    }

    /// A bearer token with the form of some tenant's foreign ones.
    struct Parsed: Sendable {
        let tenant: TenantID
        let prefix: String
        let hash: HashedToken
    }

    init(_ grants: [PrefixGrant]) {
        entries = grants.map { grant in
            var alphabet = [Bool](repeating: false, count: 256)
            for byte in grant.prefix.alphabet.utf8 { alphabet[Int(byte)] = true }
            return Entry(tenant: grant.tenant, prefix: grant.prefix, start: Array(grant.prefix.text.utf8), alphabet: alphabet)
        }.sorted { $0.start.lexicographicallyPrecedes($1.start) }
    }

    /// Prefix, length and characters, without asking anyone; nil for what has no tenant's form.
    func parse(_ text: String) -> Parsed? {
        let bytes = Array(text.utf8)
        guard let entry = entry(for: bytes), bytes.count == entry.prefix.length, bytes[entry.start.count...].allSatisfy({ entry.alphabet[Int($0)] }),
            let hash = CredentialFormat.hash(bytes)
        else { return nil }
        return Parsed(tenant: entry.tenant, prefix: entry.prefix.text, hash: hash)
    }

    /// No prefix begins with another, so only the last one that isn't behind `bytes` can be what they begin with.
    private func entry(for bytes: [UInt8]) -> Entry? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if bytes.lexicographicallyPrecedes(entries[middle].start) { high = middle } else { low = middle + 1 }
        }
        return low > 0 && bytes.starts(with: entries[low - 1].start) ? entries[low - 1] : nil
    }
}
