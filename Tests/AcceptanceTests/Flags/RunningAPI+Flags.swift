import Foundation
import Postgres
import Support

extension RunningAPI {
    static let flagPath = "/api/v1/admin/feature-flags/api-tokens"

    /// Lets a platform administrator set the flag `api-tokens` for everybody.
    func setFlag(_ members: String, as root: Account, ifMatch tag: String? = nil) async throws -> Reply {
        try await send(
            "PUT", Self.flagPath, as: root.accessToken, json: #"{\#(members),"reason":"a test"}"#, headers: tag.map { [("If-Match", $0)] } ?? [])
    }

    /// Lets a platform administrator set it for one tenant; nil: no longer anything of its own.
    func setFlag(_ isEnabled: Bool?, for tenant: String, as root: Account, ifMatch tag: String? = nil) async throws -> Reply {
        try await send(
            isEnabled == nil ? "DELETE" : "PUT", "\(Self.flagPath)/tenants/\(tenant)", as: root.accessToken,
            json: isEnabled.map { #"{"enabled":\#($0),"reason":"a test"}"# }, headers: tag.map { [("If-Match", $0)] } ?? [])
    }

    /// The flag `api-tokens` as `credential` is told of it: whether it is on, and why.
    func flag(as credential: String) async throws -> String {
        let flags = try await get("/api/v1/feature-flags", as: credential).body.flags.array
        return flags.map { "\($0.key.string ?? "") \($0.enabled.bool ?? false) \($0.reason.string ?? "")" }.joined(separator: ", ")
    }

    /// Runs statements as a superuser, past the API.
    func sql(_ statements: SQL...) async throws {
        let connection = try await database.connect()
        for statement in statements { _ = try await connection.query(statement) }
        await connection.close()
    }

    /// A column of text that a superuser sees.
    func texts(_ query: SQL) async throws -> [String] {
        let connection = try await database.connect()
        let texts = try await connection.query(query).decode(String.self)
        await connection.close()
        return texts
    }
}
