import Auth
import Domain
import Logging
import Monitoring
import Persistence
import Postgres
import ServiceLifecycle

/// The feature flags as this node follows them: read at the start, woken by notifications, shown to Prometheus.
struct FollowedFlags: Sendable {
    let board: FlagBoard
    private let listener: PostgresListener

    /// What keeps the board true.
    var services: [any Service] { [board, listener] }

    /// What everything else asks.
    let features: any FeatureFlags

    /// - Parameter known: what was read at the start; nil: nothing could be.
    init(_ known: FlagSnapshot?, _ database: AuthDatabase, direct: ConnectionConfiguration, _ logger: Logger) {
        let board = FlagBoard(known, source: FlagTable(database), logger: logger)
        self.board = board
        features = CountedFlags(board)
        listener = PostgresListener(
            direct, channels: [FlagTable.channel], logger: logger, onConnect: { await board.refresh(inFull: true) },
            onNotification: { _, _ in board.wake() })
    }

    /// Shows at every scrape what holds for a tenant without a setting of its own, and how old that knowledge is.
    func report(to registry: PrometheusRegistry) {
        registry.onScrape { [board] registry in
            for flag in FeatureFlag.allCases {
                registry.setGauge("tessera_feature_enabled", [("flag", flag.rawValue)], to: board.evaluation(of: flag, for: nil).isEnabled ? 1 : 0)
            }
            registry.setGauge("tessera_feature_flags_age_seconds", to: board.age / .seconds(1))
        }
    }
}
