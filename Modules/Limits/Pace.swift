/// A limit in the ticks of some clock. Both are rounded so that no more is admitted than the limit says.
struct Pace: Hashable, Sendable {
    /// From one request to the next at the steady rate; at least 1.
    let interval: UInt64
    /// What requests may run ahead of the steady rate: the burst.
    let tolerance: UInt64

    private init(_ limit: Limit, ticksPerSecond: UInt64) {
        let (requests, window) = (UInt64(limit.requests), UInt64(limit.window) * ticksPerSecond)
        interval = max(1, (window + requests - 1) / requests)
        tolerance = interval * requests
    }

    /// In nanoseconds, as clocks of this process count.
    static func nanoseconds(_ limit: Limit) -> Pace { Pace(limit, ticksPerSecond: 1_000_000_000) }

    /// In microseconds, as the shared store's clock counts.
    static func microseconds(_ limit: Limit) -> Pace { Pace(limit, ticksPerSecond: 1_000_000) }
}
