/// What this node knows of one key of the shared count. Times are microseconds on this process's clock.
struct Lease: Sendable {
    let pace: Pace
    /// How much is used, as last heard: ``GCRA``'s arrival time, moved to this clock. It counts ``units`` as used.
    var known = GCRA()
    /// Taken from the shared count, not spent yet.
    private(set) var units = 0
    /// Until when they may be spent; what is left then is lost.
    private var spendableUntil: UInt64 = 0
    /// Tells a unit of this lease from one of an earlier lease.
    private(set) var generation: UInt64 = 0
    /// Before that every request would be refused.
    var refusedUntil: UInt64 = 0
    /// Whether units for later are being asked for.
    var isBeingRenewed = false
    private var demand = Demand()

    init(_ pace: Pace) { self.pace = pace }

    /// Microseconds for which units are taken ahead: at most a second, at most a fiftieth of the limit's window.
    var lifetime: UInt64 { min(1_000_000, pace.tolerance / 50) }

    /// Notes a request, and tells how many units the next moment may need.
    mutating func noteRequest(at now: UInt64) -> (units: Int, isSteady: Bool) {
        demand.note(at: now, period: max(1, lifetime))
        return demand.expected
    }

    /// Units that may be spent now.
    func spendable(at now: UInt64) -> Int { now < spendableUntil ? units : 0 }

    /// Takes one unit off; false if there is none.
    mutating func spend(at now: UInt64) -> Bool {
        guard spendable(at: now) > 0 else { return false }
        units -= 1
        return true
    }

    /// Takes back a unit that was spent, if it is of this lease.
    mutating func takeBack(_ generation: UInt64) { if generation == self.generation { units += 1 } }

    /// `units` that were asked for at `asked`: a twentieth of their lifetime is left to clocks that don't run alike.
    mutating func renew(_ units: Int, asked: UInt64, generation: UInt64) {
        self.units = units
        spendableUntil = asked + lifetime - lifetime / 20
        self.generation = generation
    }

    /// Requests that would conform now, as far as this node knows.
    func remaining(at now: UInt64) -> Int { known.remaining(at: now, pace) + spendable(at: now) }

    /// Whether it says nothing any more.
    func isIdle(at now: UInt64) -> Bool {
        known.isExpired(at: now) && spendable(at: now) == 0 && refusedUntil <= now && !isBeingRenewed && demand.isOver(at: now, period: lifetime)
    }

    /// How many requests came lately.
    private struct Demand {
        private var began: UInt64 = 0
        private var current = 0
        private var previous = 0

        mutating func note(at now: UInt64, period: UInt64) {
            if now >= began + period {
                previous = now < began + 2 * period ? current : 0
                current = 0
                began = now
            }
            current += 1
        }

        /// As many as in the period before, or as there are already; steady if there were some in the period before.
        var expected: (units: Int, isSteady: Bool) { (max(previous, current) - 1, previous > 1) }

        func isOver(at now: UInt64, period: UInt64) -> Bool { now >= began + 2 * period }
    }
}
