import Crypto
import Foundation
import Postgres
import Support

/// A token of another system.
struct ForeignToken: Sendable {
    let plain: String

    /// 40 characters: the prefix, and decimal digits and lower-case letters behind it.
    static let length = 40
    static let alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"

    init(_ prefix: String) {
        plain = prefix + String((0..<Self.length - prefix.count).map { _ in Self.alphabet.randomElement() ?? "0" })
    }

    /// What a migrating tenant has of it.
    var hash: String { SHA256.hash(data: Data(plain.utf8)).map { String(format: "%02x", $0) }.joined() }

    /// An item of an import.
    func item(_ more: String = #""expiresInDays":9"#, name: String = UUID().uuidString) -> String {
        #"{"name":"\#(name)","sha256":"\#(hash)",\#(more)}"#
    }
}

extension RunningAPI {
    /// Grants a prefix past the API: the process hears of it within seconds.
    func grantPrefix(_ prefix: String, to tenant: String) async throws {
        let connection = try await database.connect()
        _ = try await connection.query(
            """
            INSERT INTO tessera.token_prefixes (tenant_id, prefix, length, alphabet, granted_by, granted_at)
            VALUES (\(tenant)::text::uuid, \(prefix), \(Int32(ForeignToken.length)), \(ForeignToken.alphabet), gen_random_uuid(), now())
            """)
        await connection.close()
    }

    /// Lets a platform administrator grant a prefix.
    func grant(
        _ prefix: String, length: Int = ForeignToken.length, alphabet: String = ForeignToken.alphabet, to tenant: String, as root: Account
    ) async throws -> Reply {
        try await send(
            "PUT", "/api/v1/admin/tenants/\(tenant)/token-prefix", as: root.accessToken,
            json: #"{"prefix":"\#(prefix)","length":\#(length),"alphabet":"\#(alphabet)"}"#)
    }

    /// Imports these items.
    func take(_ items: [String], as credential: String) async throws -> Reply {
        try await post("/api/v1/tokens/imports", #"{"tokens":[\#(items.joined(separator: ","))]}"#, as: credential)
    }
}
