package import Domain
import FoundationEssentials
package import Logging
import ServiceLifecycle
import Synchronization

/// The limits of tenants that have their own, in memory, so that no request asks for them. What changed is read twice a second; while that
/// fails, what is known holds.
package final class TenantLimitBook: Service {
    private let state: Mutex<State>
    private let changes: any TenantLimitChanges
    private let logger: Logger

    private struct State {
        var limits: [TenantID: TenantLimits] = [:]
        /// Of the newest change that is known.
        var newest: Date?
        var isStale = false

        mutating func take(_ changes: [TenantLimitChange]) {
            for change in changes.sorted(by: { $0.changedAt < $1.changedAt }) {
                limits[change.tenant] = change.limits == TenantLimits() ? nil : change.limits
                newest = max(newest ?? change.changedAt, change.changedAt)
            }
        }
    }

    private static let interval = Duration.milliseconds(500)

    /// - Parameter known: what was read at the start, just now.
    package init(_ known: [TenantLimitChange], changes: any TenantLimitChanges, logger: Logger) {
        var state = State()
        state.take(known)
        self.state = Mutex(state)
        self.changes = changes
        self.logger = logger
    }

    /// nil: the tenant has none of its own.
    subscript(tenant: TenantID) -> TenantLimits? { state.withLock { $0.limits[tenant] } }

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval * Double.random(in: 0.8...1)) }
            if Task.isShuttingDownGracefully || Task.isCancelled { return }
            await refresh()
        }
    }

    /// Reads what changed now. Logs once when that begins to fail, and once when it works again.
    package func refresh() async {
        do {
            let changed = try await changes.changes(since: state.withLock(\.newest))
            let wasStale = state.withLock { state in
                state.take(changed)
                defer { state.isStale = false }
                return state.isStale
            }
            if wasStale { logger.notice("tenants' limits are read again") }
        } catch {
            let wasStale = state.withLock { state in
                defer { state.isStale = true }
                return state.isStale
            }
            if !wasStale { logger.warning("tenants' limits not read; those at hand stay", metadata: ["error": "\(String(reflecting: error))"]) }
        }
    }
}
