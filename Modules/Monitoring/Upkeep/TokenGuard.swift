package import Domain
package import Logging
import ServiceLifecycle

/// Acts on what is noticed of tokens, within seconds: apart from the requests, which write nothing.
package struct TokenGuard: Service {
    private let reactions: any TokenReactions
    private let logger: Logger

    package init(reactions: any TokenReactions, logger: Logger) {
        self.reactions = reactions
        self.logger = logger
    }

    private static let step = 100
    private static let pause = Duration.seconds(1)
    private static let betweenExpiries = Duration.seconds(60)

    package func run() async throws {
        var next = ContinuousClock.now
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                if next <= .now {
                    next = .now + Self.betweenExpiries * Double.random(in: 0.9...1.1)
                    try await noteExpiries()
                }
                try await react()
            } catch {
                logger.warning("token events not handled, trying again", metadata: ["error": "\(String(reflecting: error))"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause * Double.random(in: 0.9...1.1)) }
        }
    }

    /// One round over ends that are near.
    package func noteExpiries() async throws {
        while try await reactions.noteExpiries(Self.step) >= Self.step, !Task.isShuttingDownGracefully, !Task.isCancelled {}
    }

    /// One round over what was noticed.
    package func react() async throws {
        for reaction in try await reactions.handle(Self.step) {
            logger.notice(
                "token \(reaction.reaction)d by policy",
                metadata: ["tokenId": "\(reaction.token)", "tenantId": "\(reaction.tenant)", "reason": "\(reaction.kind)"])
        }
    }
}
