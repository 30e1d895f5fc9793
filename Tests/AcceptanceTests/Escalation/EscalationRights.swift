import Domain

/// What roles and scopes are worth, as API.md has it: written down again, apart from the product's table.
enum EscalationRights {
    private static let reading: Set<String> = ["data:read", "tenant:read", "members:read", "tokens:read", "usage:read"]
    private static let viewing = reading.union(["tokens:write"])
    private static let writing = viewing.union(["data:write"])
    private static let administering = writing.union([
        "members:write", "service-accounts:write", "tenant-tokens:read", "tenant-tokens:write", "audit:read", "introspect",
    ])

    static func permissions(of role: Role) -> Set<String> {
        switch role {
        case .viewer: viewing
        case .member: writing
        case .admin: administering
        case .owner: administering.union(["tenant:write"])
        }
    }

    /// What scopes imply, whoever carries them.
    static func permissions(impliedBy scopes: some Sequence<String>) -> Set<String> {
        scopes.reduce(into: []) { all, scope in
            switch scope {
            case "read": all.formUnion(reading)
            case "write": all.formUnion(writing)
            case "admin": all.formUnion(administering)
            case "data:write", "members:write", "tokens:write", "tenant-tokens:write":
                all.formUnion([scope, scope.replacing(":write", with: ":read")])
            default: if !isSpecial(scope) { all.insert(scope) }
            }
        }
    }

    /// What no permission says.
    static func specials(_ scopes: some Sequence<String>) -> Set<String> { Set(scopes.filter(isSpecial)) }

    /// Whether who has `role` may have a token with these.
    static func fit(_ scopes: [String], _ role: Role) -> Bool {
        permissions(impliedBy: scopes).isSubset(of: permissions(of: role)) && (role > .viewer || !scopes.contains { $0.hasPrefix("app:") })
    }

    static func isWithin(_ scopes: [String], _ outer: [String]) -> Bool {
        permissions(impliedBy: scopes).isSubset(of: permissions(impliedBy: outer)) && specials(scopes).isSubset(of: specials(outer))
    }

    private static func isSpecial(_ scope: String) -> Bool { scope.hasPrefix("app:") || scope.hasPrefix("self:") }
}

/// How far a token reaches.
struct EscalationBreadth {
    var scopes: [String] { didSet { implied = EscalationRights.permissions(impliedBy: scopes) } }
    /// What the scopes imply.
    private(set) var implied: Set<String>
    /// In days from the walk's noon; nil: never.
    var end: Int?
    var networks: [String]
    var rate: Rate?

    struct Rate: Hashable {
        let requests: Int
        let seconds: Int
    }

    init(scopes: [String], end: Int?, networks: [String] = [], rate: Rate? = nil) {
        self.scopes = scopes
        implied = EscalationRights.permissions(impliedBy: scopes)
        self.end = end
        self.networks = networks
        self.rate = rate
    }

    /// Whether `other` is no broader.
    func covers(_ other: EscalationBreadth) -> Bool {
        guard EscalationRights.isWithin(other.scopes, scopes) else { return false }
        if let end, other.end.map({ $0 > end }) ?? true { return false }
        if let rate {
            guard let slower = other.rate, slower.requests <= rate.requests,
                Double(slower.requests) / Double(slower.seconds) <= Double(rate.requests) / Double(rate.seconds)
            else { return false }
        }
        return networks.isEmpty || !other.networks.isEmpty && other.networks.allSatisfy { inner in networks.contains { Self.holds($0, inner) } }
    }

    /// Whether a network holds an address or another network; both are written so that what begins alike is inside.
    static func holds(_ network: String, _ inner: String) -> Bool { beginning(of: inner).hasPrefix(beginning(of: network)) }

    static func allow(_ networks: [String], _ address: String?) -> Bool {
        networks.isEmpty || address.map { address in networks.contains { holds($0, address) } } ?? false
    }

    static let allNetworks = ["203.0.0.0/16", "203.0.113.0/24", "203.0.113.7/32", "198.51.100.0/24", "2001:db8::/32"]
    static let allAddresses = ["203.0.113.7", "203.0.113.9", "203.0.7.7", "198.51.100.9", "2001:db8::7", "192.0.2.1"]

    private static func beginning(of text: String) -> String {
        switch text {
        case "203.0.0.0/16": "203.0."
        case "203.0.113.0/24": "203.0.113."
        case "203.0.113.7/32": "203.0.113.7"
        case "198.51.100.0/24": "198.51.100."
        case "2001:db8::/32": "2001:db8:"
        default: text
        }
    }
}
