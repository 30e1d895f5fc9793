import Domain
import Foundation
import Metrics
import Monitoring
import Testing

/// Each security event is one line with a stable name, in ids only.
struct SecurityEventTests {
    private let token = TokenID(UUID())
    private let tenant = TenantID(UUID())
    private let user = UserID(UUID())

    private func logged(_ event: SecurityEvent) throws -> [String: Any] {
        let objects = try CapturedLog().objects { SecurityEventLogger($0).record(event) }
        #expect(objects.count == 1)
        return try #require(objects.first)
    }

    @Test func whatPeopleDoToTokensIsLoggedWithWhoDidIt() throws {
        for (event, name) in [
            (SecurityEvent.tokenCreated(token, tenant, by: .user(user)), "token.created"),
            (.tokenRevoked(token, tenant, by: .user(user)), "token.revoked"),
            (.tokenDeleted(token, tenant, by: .user(user)), "token.deleted"),
        ] {
            let line = try logged(event)
            #expect(line["event"] as? String == name)
            #expect(line["tokenId"] as? String == token.description)
            #expect(line["tenantId"] as? String == tenant.description)
            #expect(line["actorId"] as? String == user.description)
        }
    }

    @Test func aRefusalSaysWhyAndIsCounted() throws {
        for reason in [SecurityEvent.RefusalReason.expired, .revoked, .inactive, .ownerDisabled, .ownerRemoved, .tenantSuspended] {
            let registry = PrometheusRegistry()
            let line = try withMetricsFactory(registry) { try logged(.tokenRefused(token, tenant, reason)) }
            #expect(line["event"] as? String == "token.refused")
            #expect(line["reason"] as? String == reason.rawValue)
            #expect(line["tokenId"] as? String == token.description)
            #expect(line["actorId"] == nil)
            #expect(registry.value(of: "tessera_token_refusals_total{reason=\"\(reason.rawValue)\"}") == 1)
        }
    }
}
