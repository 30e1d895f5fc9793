/// The generic cell rate algorithm (ITU-T I.371): a single time stands for how much of a limit is used, in whole nanoseconds.
///
/// `arrival` is the theoretical arrival time of the next request at the steady rate. A request at `now` conforms if
/// `max(arrival, now) + interval - tolerance <= now`; then that sum is the new `arrival`.
struct GCRA {
    /// Nanoseconds on the limiter's clock; 0: unused.
    private(set) var arrival: UInt64 = 0

    /// The arrival time after one more request, or nil if it doesn't conform.
    func admitted(at now: UInt64, _ limit: Limit) -> UInt64? {
        let next = max(arrival, now) + limit.interval
        return next <= now + limit.tolerance ? next : nil
    }

    mutating func commit(_ arrival: UInt64) { self.arrival = arrival }

    /// Requests that would conform now.
    func remaining(at now: UInt64, _ limit: Limit) -> Int {
        let used = max(arrival, now) - now
        return used >= limit.tolerance ? 0 : Int((limit.tolerance - used) / limit.interval)
    }

    /// Nanoseconds until one request more conforms than now.
    func untilNext(at now: UInt64, _ limit: Limit) -> UInt64 {
        let used = max(arrival, now) - now
        if used == 0 { return 0 }
        let free = limit.tolerance >= used ? (limit.tolerance - used) % limit.interval : 0
        return used > limit.tolerance ? used - limit.tolerance + limit.interval : limit.interval - free
    }

    /// Whether it says nothing any more: as good as never used.
    func isExpired(at now: UInt64) -> Bool { arrival <= now }
}
