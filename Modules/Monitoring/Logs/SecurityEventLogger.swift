package import Domain
package import Logging
import Metrics

/// Writes security events to the log, one structured line each, in ids only.
package struct SecurityEventLogger: SecurityLog {
    private let logger: Logger

    package init(_ logger: Logger) { self.logger = logger }

    package func record(_ event: SecurityEvent) {
        switch event {
        case .tokenCreated(let token, let tenant, let actor): log("token.created", token, tenant, ["actorId": "\(actor)"])
        case .tokenRotated(let token, let tenant, let actor): log("token.rotated", token, tenant, ["actorId": "\(actor)"])
        case .tokenRevoked(let token, let tenant, let actor): log("token.revoked", token, tenant, ["actorId": "\(actor)"])
        case .tokenDeleted(let token, let tenant, let actor): log("token.deleted", token, tenant, ["actorId": "\(actor)"])
        case .tokenRefused(let token, let tenant, let reason):
            Counter(label: "tessera_token_refusals_total", dimensions: [("reason", reason.rawValue)]).increment()
            log("token.refused", token, tenant, ["reason": "\(reason.rawValue)"])
        }
    }

    private func log(_ event: String, _ token: TokenID, _ tenant: TenantID, _ more: Logger.Metadata) {
        let ids: Logger.Metadata = ["event": "\(event)", "tokenId": "\(token)", "tenantId": "\(tenant)"]
        logger.info("security event", metadata: ids.merging(more) { one, _ in one })
    }
}
