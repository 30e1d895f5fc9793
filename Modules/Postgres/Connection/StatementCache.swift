import DequeModule

/// The names of the statements that a connection has prepared.
struct StatementCache {
    /// What a prepared statement is known by: the same text with other parameter types is another statement.
    struct Key: Hashable {
        let text: String
        let types: [OID]

        init(_ statement: SQL) {
            text = statement.text
            types = statement.parameters.types
        }
    }

    /// How many are kept: a product's statements are a fixed set, so this is a bound against slips, not a working size.
    static let capacity = 512

    private var names: [Key: String] = [:]
    private var order: Deque<Key> = []
    private var made = 0

    func name(for key: Key) -> String? { names[key] }

    /// A new name for `key`, and the name that falls out for it, to be deallocated.
    mutating func insert(_ key: Key) -> (name: String, evicted: String?) {
        made += 1
        let name = "s\(made)"
        names[key] = name
        order.append(key)
        guard names.count > Self.capacity, let oldest = order.popFirst() else { return (name, nil) }
        return (name, names.removeValue(forKey: oldest))
    }

    mutating func remove(_ key: Key) {
        guard names.removeValue(forKey: key) != nil else { return }
        order.removeAll { $0 == key }
    }
}
