/// The generic cell rate algorithm (ITU-T I.371): a single time stands for how much of a limit is used, in whole ticks of a clock.
///
/// `arrival` is the theoretical arrival time of the next request at the steady rate. A request at `now` conforms if
/// `max(arrival, now) + interval - tolerance <= now`; then that sum is the new `arrival`. ``LimitScript`` does the same on the shared store.
struct GCRA: Sendable {
    /// 0: unused.
    private(set) var arrival: UInt64 = 0

    /// The arrival time after one more request, or nil if it doesn't conform.
    func admitted(at now: UInt64, _ pace: Pace) -> UInt64? {
        let used = used(at: now, pace) + pace.interval
        return used <= pace.tolerance ? now + used : nil
    }

    /// Lets a limit be no more than used up: where it was raised, nobody waits for what was used under the one before.
    mutating func cap(at now: UInt64, _ pace: Pace) { arrival = min(arrival, now + pace.tolerance) }

    mutating func commit(_ arrival: UInt64) { self.arrival = arrival }

    /// Requests that would conform now.
    func remaining(at now: UInt64, _ pace: Pace) -> Int { Int((pace.tolerance - used(at: now, pace)) / pace.interval) }

    /// Ticks until one request more conforms than now.
    func untilNext(at now: UInt64, _ pace: Pace) -> UInt64 {
        let used = used(at: now, pace)
        return used == 0 ? 0 : pace.interval - (pace.tolerance - used) % pace.interval
    }

    /// How far requests are ahead of the steady rate, in ticks.
    private func used(at now: UInt64, _ pace: Pace) -> UInt64 { min(max(arrival, now) - now, pace.tolerance) }

    /// Whether it says nothing any more: as good as never used.
    func isExpired(at now: UInt64) -> Bool { arrival <= now }
}
