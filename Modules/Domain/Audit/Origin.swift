package import FoundationEssentials

/// Where a request came from, for sessions and for the audit log.
package struct Origin: Sendable {
    package let ipAddress: IPAddress?
    package let userAgent: String?
    package let requestID: UUID

    package init(ipAddress: IPAddress?, userAgent: String?, requestID: UUID) {
        self.ipAddress = ipAddress
        self.userAgent = userAgent
        self.requestID = requestID
    }
}
