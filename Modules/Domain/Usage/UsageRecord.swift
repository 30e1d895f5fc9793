package import FoundationEssentials

/// One request whose API token was proven.
package struct UsageRecord: Sendable {
    /// A time-ordered id, made when the request ended.
    package let id: UUID
    package let tenant: TenantID
    package let token: TokenID
    package let occurredAt: Date
    /// e.g. `GET`.
    package let method: String
    /// The route template, or `(unmatched)`; at most 300 bytes.
    package let endpoint: String
    package let status: Int
    /// Microseconds.
    package let processingTime: Int
    package let ipAddress: IPAddress?
    /// At most 300 bytes of valid UTF-8.
    package let userAgent: String?
    package let requestID: UUID?
    package let secret: TokenSecret
    /// The permissions that the request took of the token; none where it was refused for want of one, or earlier.
    package let needed: PermissionSet
    /// Whether the token was taken, whatever came of the request: what isn't is listed, and is no use of it.
    package let isTaken: Bool

    package init(
        id: UUID, tenant: TenantID, token: TokenID, occurredAt: Date, method: String, endpoint: String, status: Int, processingTime: Int,
        ipAddress: IPAddress?, userAgent: String?, requestID: UUID?, secret: TokenSecret = .current,
        needed: PermissionSet = PermissionSet(), isTaken: Bool = true
    ) {
        self.id = id
        self.tenant = tenant
        self.token = token
        self.occurredAt = occurredAt
        self.method = method
        self.endpoint = endpoint
        self.status = status
        self.processingTime = processingTime
        self.ipAddress = ipAddress
        self.userAgent = userAgent
        self.requestID = requestID
        self.secret = secret
        self.needed = needed
        self.isTaken = isTaken
    }
}
