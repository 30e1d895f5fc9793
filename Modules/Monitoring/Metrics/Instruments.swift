import CoreMetrics
import Synchronization

/// A number that only grows.
final class CounterInstrument: CounterHandler, Sendable {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    var current: Int64 { value.load(ordering: .relaxed) }
}

/// A number that goes up and down.
final class GaugeInstrument: MeterHandler, Sendable {
    private let value = Atomic<UInt64>(0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.store(value.bitPattern, ordering: .relaxed) }
    func decrement(by amount: Double) { increment(by: -amount) }

    func increment(by amount: Double) {
        var known = value.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: known) + amount).bitPattern
            let (isExchanged, original) = value.weakCompareExchange(
                expected: known, desired: sum, ordering: .relaxed)
            if isExchanged { return }
            known = original
        }
    }

    var current: Double { Double(bitPattern: value.load(ordering: .relaxed)) }
}

/// Observations sorted into buckets.
package final class HistogramInstrument: TimerHandler, Sendable {
    let bounds: [Double]
    private let state: Mutex<State>

    struct State {
        /// How many fell into each bucket; the last is past every bound.
        var counts: [Int]
        var sum = 0.0
    }

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    package func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1_000_000_000) }

    package func observe(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    var current: State { state.withLock { $0 } }
}
