import Synchronization

@testable import Limits

/// What ``LimitScript`` is to do, once more in Swift: the script is compared with it, and nodes are simulated over it in no time.
final class ModelStore: LimitStore {
    private let state = Mutex(State())
    private let clock: ManualClock
    /// A node's question takes up to so many nanoseconds to get here.
    private let delay: UInt64

    private struct State {
        var arrivals: [LimitKey: UInt64] = [:]
        var questions = 0
        var isAway = false
    }

    struct Away: Error {}

    init(_ clock: ManualClock, delay: UInt64 = 0) {
        self.clock = clock
        self.delay = delay
    }

    var questions: Int { state.withLock(\.questions) }

    var isAway: Bool {
        get { state.withLock(\.isAway) }
        set { state.withLock { $0.isAway = newValue } }
    }

    func take(_ asks: [LimitAsk]) async throws -> LimitAnswer {
        if delay > 0 { clock.advance(by: UInt64.random(in: 0...delay)) }
        // Far from the nodes' own clocks.
        let now = 1_800_000_000_000_000 + clock.now() / 1000
        return try state.withLock { state in
            if state.isAway { throw Away() }
            state.questions += 1
            return Self.answer(asks, at: now, &state.arrivals)
        }
    }

    static func answer(_ asks: [LimitAsk], at now: UInt64, _ arrivals: inout [LimitKey: UInt64]) -> LimitAnswer {
        for ask in asks { arrivals[ask.key] = min(arrivals[ask.key] ?? 0, now + ask.pace.tolerance) }
        let cells = asks.map { GCRA(arrival: arrivals[$0.key] ?? 0) }
        let nexts = asks.indices.map { cells[$0].admitted(at: now, asks[$0].pace) }
        let refused = asks.indices.first { nexts[$0] == nil && !asks[$0].isShadow }
        let grants = asks.indices.map { index -> LimitAnswer.Grant in
            let ask = asks[index]
            guard refused == nil, let next = nexts[index] else {
                return .init(arrival: cells[index].arrival, units: 0, isShadowed: refused == nil && nexts[index] == nil)
            }
            let units = units(ask, behind: next, at: now)
            let arrival = units == 0 ? next : max(next, now + ask.lifetime) + UInt64(units) * ask.pace.interval
            arrivals[ask.key] = arrival
            return .init(arrival: arrival, units: units, isShadowed: false)
        }
        return LimitAnswer(now: now, refused: refused, grants: grants)
    }

    private static func units(_ ask: LimitAsk, behind next: UInt64, at now: UInt64) -> Int {
        let isPaid = next < now + ask.lifetime
        if ask.wanted == 0 || isPaid && !ask.mayPay { return 0 }
        let start = max(next, now + ask.lifetime)
        let (all, latest) = (now + ask.pace.tolerance, now + (isPaid ? ask.pace.tolerance / 2 : ask.pace.tolerance))
        guard start <= latest else { return 0 }
        return min(ask.wanted, Int((all - start) / ask.pace.interval / 4), Int((latest - start) / ask.pace.interval))
    }
}
