package import Domain
package import Logging
import ServiceLifecycle

/// Acts on what tokens' usage shows, within seconds: apart from the requests, which write nothing.
package struct TokenGuard: Service {
    private let reactions: any TokenReactions
    private let logger: Logger

    package init(reactions: any TokenReactions, logger: Logger) {
        self.reactions = reactions
        self.logger = logger
    }

    private static let step = 100

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await react()
            } catch {
                logger.warning("token events not handled, trying again", metadata: ["error": "\(String(reflecting: error))"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1) * Double.random(in: 0.9...1.1)) }
        }
    }

    /// One round.
    package func react() async throws {
        for reaction in try await reactions.handle(Self.step) {
            logger.notice(
                "token \(reaction.reaction)d by policy",
                metadata: ["tokenId": "\(reaction.token)", "tenantId": "\(reaction.tenant)", "reason": "\(reaction.kind)"])
        }
    }
}
