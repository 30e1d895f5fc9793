import Domain
import Foundation

extension UsageRecord {
    /// A record of one request; what a test doesn't say is ordinary.
    static func sample(
        token: TokenID = TokenID(UUID()), status: Int = 200, at time: Date = Date(timeIntervalSince1970: 1_790_000_000), method: String = "GET"
    ) -> UsageRecord {
        UsageRecord(
            id: .v7(at: time), tenant: TenantID(UUID()), token: token, occurredAt: time, method: method, endpoint: "/api/v1/me", status: status,
            processingTime: 1200, ipAddress: nil, userAgent: "curl/8.5", requestID: nil)
    }
}

extension Date {
    /// The instant that `text` spells in RFC 3339; the tests know theirs.
    static func instant(_ text: String) -> Date { RFC3339.dateTime(text) ?? .distantPast }
}
