import Synchronization

/// A clock that a test moves, in nanoseconds.
final class ManualClock: Sendable {
    private let time: Atomic<UInt64>

    init(_ start: UInt64 = 1) { time = Atomic(start) }

    var now: @Sendable () -> UInt64 { { self.time.load(ordering: .relaxed) } }

    func advance(by nanoseconds: UInt64) { time.add(nanoseconds, ordering: .relaxed) }
}
