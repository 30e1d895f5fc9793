/// A token that somebody says they found. Only its form is known to be right.
package struct LeakReport: Sendable {
    package let tenant: TenantID
    /// nil: a foreign token, which tells none.
    package let token: TokenID?
    package let hash: HashedToken

    package init(tenant: TenantID, token: TokenID?, hash: HashedToken) {
        self.tenant = tenant
        self.token = token
        self.hash = hash
    }
}

/// Reports that wait to be handled.
package protocol LeakReportStore: Sendable {
    /// Stores them; one that already waits stays as it is.
    func store(_ reports: [LeakReport]) async throws
}
