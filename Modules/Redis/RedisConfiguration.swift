import FoundationEssentials

/// Where a Redis or Valkey is and how one gets in.
package struct RedisConfiguration: Sendable {
    let endpoint: Endpoint
    let user: String?
    let password: String?
    /// Its number; most servers have 0 to 15.
    let database: Int
    /// nil: in the clear.
    let security: RedisSecurity?

    enum Endpoint: Sendable, Hashable {
        case host(String, port: Int)
        case socket(String)
    }

    /// `redis://[user:password@]host[:port][/database]`, `rediss://…` over TLS (`?ca=FILE`: the certificates it is trusted by), or
    /// `unix:///path/to/socket[?db=…]`. Reads the certificates, so it blocks for a moment.
    ///
    /// - Throws: ``RedisConfigurationFailure``, which quotes nothing of the text: any part may be the password's.
    package init(url text: String) throws(RedisConfigurationFailure) {
        guard let parts = URLComponents(string: text, encodingInvalidCharacters: false) else {
            throw .init("not a URL: characters such as @ : / ? # % in the password must be percent-encoded")
        }
        let options = try Self.options(parts)
        guard parts.fragment == nil else { throw .init("a fragment: # in the password must be percent-encoded") }
        switch parts.scheme?.lowercased() {
        case "unix":
            guard parts.host ?? "" == "", parts.path.hasPrefix("/"), options["ca"] == nil else { throw .init("not unix:///path/to/socket") }
            endpoint = .socket(parts.path)
            database = try Self.database(options["db"])
            security = nil
        case let scheme? where ["redis", "rediss"].contains(scheme):
            let host = try Self.host(parts)
            if let port = parts.port, !(1...65_535).contains(port) { throw .init("the port is not a number from 1 to 65535") }
            guard options["db"] == nil, options["ca"] == nil || scheme == "rediss" else { throw .init("the option db, or ca without rediss") }
            endpoint = .host(host, port: parts.port ?? 6379)
            database = try Self.database(parts.path.count > 1 ? String(parts.path.dropFirst()) : nil)
            security = scheme == "rediss" ? try RedisSecurity(host: host, authorities: options["ca"]) : nil
        default: throw .init("neither redis://, rediss:// nor unix://")
        }
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password.flatMap { $0.isEmpty ? nil : $0 }
        guard user == nil || password != nil else { throw .init("a user without a password") }
    }

    private static func host(_ parts: URLComponents) throws(RedisConfigurationFailure) -> String {
        var host = (parts.host ?? "").lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let isHost = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-._:".utf8.contains(byte)
            }
        }
        guard !host.isEmpty, host.utf8.count <= 253, isHost else { throw .init("no host, or not one in ASCII") }
        return host
    }

    private static func database(_ text: String?) throws(RedisConfigurationFailure) -> Int {
        guard let text else { return 0 }
        guard let number = Int(text), (0...9999).contains(number) else { throw .init("the database is not a number from 0 to 9999") }
        return number
    }

    private static func options(_ parts: URLComponents) throws(RedisConfigurationFailure) -> [String: String] {
        var options: [String: String] = [:]
        for item in parts.queryItems ?? [] {
            guard ["ca", "db"].contains(item.name), let value = item.value, !value.isEmpty, options.updateValue(value, forKey: item.name) == nil
            else {
                throw .init("an option other than ca and db, or one without a value or given twice")
            }
        }
        return options
    }
}

/// What is wrong with a URL; it quotes nothing of it.
package struct RedisConfigurationFailure: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
