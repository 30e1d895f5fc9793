import DequeModule

/// The names of the statements that a connection has prepared, by their text.
struct StatementCache {
    /// How many are kept: a product's statements are a fixed set, so this is a bound against slips, not a working size.
    static let capacity = 512

    private var names: [String: String] = [:]
    private var order: Deque<String> = []
    private var made = 0

    func name(for text: String) -> String? { names[text] }

    /// A new name for `text`, and the name that falls out for it, to be deallocated.
    mutating func insert(_ text: String) -> (name: String, evicted: String?) {
        made += 1
        let name = "s\(made)"
        names[text] = name
        order.append(text)
        guard names.count > Self.capacity, let oldest = order.popFirst() else { return (name, nil) }
        return (name, names.removeValue(forKey: oldest))
    }

    mutating func remove(_ text: String) {
        guard names.removeValue(forKey: text) != nil else { return }
        order.removeAll { $0 == text }
    }

    mutating func removeAll() {
        names.removeAll()
        order.removeAll()
    }
}
