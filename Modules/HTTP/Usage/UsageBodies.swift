import Domain
import FoundationEssentials

/// One recorded request.
struct UsageBody: Encodable, Sendable {
    let id: String
    let tokenId: TokenID
    let endpoint: String
    let method: String
    let timestamp: String
    let responseStatus: Int
    let success: Bool
    @ExplicitNull var ipAddress: String?
    @ExplicitNull var userAgent: String?
    /// Milliseconds.
    let processingTime: Double
    @ExplicitNull var requestId: String?

    init(_ record: UsageRecord) {
        id = record.id.lowercased
        tokenId = record.token
        endpoint = record.endpoint
        method = record.method
        timestamp = RFC3339.format(record.occurredAt)
        responseStatus = record.status
        success = record.status < 400
        ipAddress = record.ipAddress?.description
        userAgent = record.userAgent
        processingTime = Double(record.processingTime) / 1000
        requestId = record.requestID?.lowercased
    }
}

struct UsagePageBody: Encodable, Sendable {
    let usage: [UsageBody]
    let pagination: PaginationBody
}
