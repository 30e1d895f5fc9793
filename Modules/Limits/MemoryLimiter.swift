import Synchronization

/// Counts in this process's memory.
///
/// Keys are spread over shards, each behind its own lock. A shard that has grown forgets what is as good as unused; past its
/// share of `capacity` it forgets whoever has used least, since those lose least.
package final class MemoryLimiter: Limiter {
    private let shards: [Shard]
    private let capacityPerShard: Int
    private let now: @Sendable () -> UInt64

    private final class Shard: Sendable {
        let state = Mutex(State())

        struct State {
            var cells: [LimitKey: GCRA] = [:]
            var nextSweep = 1024
        }
    }

    /// - Parameters:
    ///   - capacity: keys that are remembered at most.
    ///   - now: a clock that never goes back, in nanoseconds.
    package init(capacity: Int = 1_000_000, now: @escaping @Sendable () -> UInt64 = MemoryLimiter.uptime) {
        shards = (0..<16).map { _ in Shard() }
        capacityPerShard = max(1, capacity / 16)
        self.now = now
    }

    package func admit(_ charges: [LimitCharge]) -> LimitVerdict {
        let time = now()
        var made: [LimitCharge] = []
        var states: [LimitVerdict.State] = []
        var shadowed: [LimitKind] = []
        for charge in charges {
            let pace = Pace.nanoseconds(charge.limit)
            let (isAdmitted, cell) = take(charge, pace, at: time)
            if !charge.isShadow {
                states.append(
                    .init(
                        kind: charge.key.kind, limit: charge.limit, remaining: cell.remaining(at: time, pace),
                        untilNext: Self.seconds(cell.untilNext(at: time, pace))))
            }
            switch (isAdmitted, charge.isShadow) {
            case (true, _): made.append(charge)
            case (false, true): shadowed.append(charge.key.kind)
            case (false, false):
                for charge in made { giveBack(charge) }
                let wait = max(1, Self.seconds(cell.untilNext(at: time, pace)))
                return LimitVerdict(states: states, refused: .init(kind: charge.key.kind, retryAfter: wait), shadowed: shadowed, source: .memory)
            }
        }
        return LimitVerdict(states: states, refused: nil, shadowed: shadowed, source: .memory)
    }

    /// Lets `key` be as used as its arrival time says, in nanoseconds of this limiter's clock, unless it is more used already.
    func raise(_ key: LimitKey, to arrival: UInt64) {
        shard(of: key).state.withLock { state in
            if state.cells[key]?.arrival ?? 0 < arrival { state.cells[key] = GCRA(arrival: arrival) }
        }
    }

    /// Keys that are remembered.
    package var count: Int { shards.reduce(0) { $0 + $1.state.withLock(\.cells.count) } }

    private func take(_ charge: LimitCharge, _ pace: Pace, at time: UInt64) -> (Bool, GCRA) {
        shard(of: charge.key).state.withLock { state in
            var cell = state.cells[charge.key] ?? GCRA()
            cell.cap(at: time, pace)
            guard let arrival = cell.admitted(at: time, pace) else {
                state.cells[charge.key] = cell
                return (false, cell)
            }
            cell.commit(arrival)
            state.cells[charge.key] = cell
            if state.cells.count >= state.nextSweep { sweep(&state, at: time) }
            return (true, cell)
        }
    }

    /// Takes one interval off again; what others charged meanwhile stays.
    private func giveBack(_ charge: LimitCharge) {
        shard(of: charge.key).state.withLock { state in
            guard var cell = state.cells[charge.key] else { return }
            cell.commit(cell.arrival - min(cell.arrival, Pace.nanoseconds(charge.limit).interval))
            state.cells[charge.key] = cell
        }
    }

    private func sweep(_ state: inout Shard.State, at time: UInt64) {
        state.cells = state.cells.filter { !$0.value.isExpired(at: time) }
        if state.cells.count > capacityPerShard {
            let kept = state.cells.sorted { $0.value.arrival > $1.value.arrival }.prefix(capacityPerShard * 3 / 4)
            state.cells = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
        }
        state.nextSweep = min(max(1024, state.cells.count * 2), capacityPerShard + 1)
    }

    private func shard(of key: LimitKey) -> Shard { shards[Int(UInt(bitPattern: key.hashValue) % 16)] }

    private static func seconds(_ nanoseconds: UInt64) -> Int { Int((nanoseconds + 999_999_999) / 1_000_000_000) }

    /// Nanoseconds since the process's first question.
    package static let uptime: @Sendable () -> UInt64 = {
        let start = ContinuousClock.now
        return {
            let elapsed = (ContinuousClock.now - start).components
            return UInt64(elapsed.seconds) * 1_000_000_000 + UInt64(elapsed.attoseconds / 1_000_000_000) + 1
        }
    }()
}
