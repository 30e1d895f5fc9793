package import Domain
import FoundationEssentials
package import Logging
import ServiceLifecycle
import Synchronization

/// The signing keys of this node, read again and again, so that a rotation reaches every node without a restart.
package final class KeyRing: Service {
    private let current: Mutex<SigningKeys>
    private let store: any SigningKeyStore
    private let sealingKey: KeyEncryptionKey
    private let logger: Logger
    private let now: Now

    /// - Parameter keys: what ``SigningKeys/load(from:sealedBy:at:)`` answered at the start.
    package init(_ keys: SigningKeys, store: any SigningKeyStore, sealedBy sealingKey: KeyEncryptionKey, logger: Logger, now: @escaping Now) {
        current = Mutex(keys)
        self.store = store
        self.sealingKey = sealingKey
        self.logger = logger
        self.now = now
    }

    package var keys: SigningKeys { current.withLock { $0 } }

    /// A third of the time that a new key is known before it signs.
    private static let interval = Duration.seconds(SigningKeys.lead / 3)

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval * Double.random(in: 0.8...1)) }
            if Task.isShuttingDownGracefully || Task.isCancelled { return }
            do { try await reload() } catch {
                logger.warning("signing keys not read again; the ones at hand stay", metadata: ["error": "\(String(reflecting: error))"])
            }
        }
    }

    /// Reads the keys once.
    package func reload() async throws {
        let keys = try await SigningKeys.load(from: store, sealedBy: sealingKey, at: now())
        current.withLock { $0 = keys }
    }
}
