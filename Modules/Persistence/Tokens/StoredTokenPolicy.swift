import Domain
import FoundationEssentials
import Postgres

/// A policy as `tenants.token_policy` keeps it.
struct StoredTokenPolicy: Codable {
    var maxLifetimeDays: Int?
    var requireExpiry: Bool
    var allowedScopesByRole: [String: [String]]
    var allowedCidrs: [String]
    var idleDays: Int?
    var onExposure: String
    var onReuse: String

    init(_ policy: TokenPolicy) {
        maxLifetimeDays = policy.maxLifetimeDays
        requireExpiry = policy.requireExpiry
        allowedScopesByRole = Dictionary(
            uniqueKeysWithValues: policy.allowedScopesByRole.map { ($0.key.rawValue, $0.value.map(\.description)) })
        allowedCidrs = policy.networks.map(\.description)
        idleDays = policy.idleDays
        onExposure = policy.onExposure.rawValue
        onReuse = policy.onReuse.rawValue
    }

    /// What is stored is read whole or not at all: a policy that can't be understood must not be taken for a weaker one.
    func policy() throws -> TokenPolicy {
        var scopes: [Role: [Scope]] = [:]
        for (name, list) in allowedScopesByRole {
            guard let role = Role(rawValue: name) else { throw Self.unreadable }
            scopes[role] = try list.map(Self.scope)
        }
        guard let onExposure = TokenPolicy.Reaction(rawValue: onExposure), let onReuse = TokenPolicy.Reaction(rawValue: onReuse) else {
            throw Self.unreadable
        }
        return TokenPolicy(
            maxLifetimeDays: maxLifetimeDays, requireExpiry: requireExpiry, allowedScopesByRole: scopes, networks: try allowedCidrs.map(Self.network),
            idleDays: idleDays, onExposure: onExposure, onReuse: onReuse)
    }

    /// The policy in a column; nil where none was set.
    static func policy(in column: JSONB?) throws -> TokenPolicy? {
        guard let column else { return nil }
        return try decoder.decode(StoredTokenPolicy.self, from: Data(column.bytes)).policy()
    }

    var column: JSONB { get throws { JSONB(Array(try Self.encoder.encode(self))) } }

    private static func scope(_ name: String) throws -> Scope {
        guard let scope = Scope(name) else { throw unreadable }
        return scope
    }

    private static func network(_ text: String) throws -> CIDR {
        guard let network = CIDR(text) else { throw unreadable }
        return network
    }

    private static var unreadable: Refusal { .unavailable("a stored token policy can't be read") }
    private static let decoder = JSONDecoder()
    private static let encoder = JSONEncoder()
}
