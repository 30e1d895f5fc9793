import Synchronization

/// What this node knows of the shared count, key by key. Spread over shards, each behind its own lock.
///
/// A shard that has grown forgets what says nothing any more, and past its share of `capacity` everything: units are lost then, and none
/// is admitted twice.
final class LeaseBook: Sendable {
    private let shards: [Shard]
    private let capacityPerShard: Int
    private let generations = Atomic<UInt64>(0)

    private final class Shard: Sendable {
        let state = Mutex(State())

        struct State {
            var leases: [LimitKey: Lease] = [:]
            var nextSweep = 1024
        }
    }

    /// What a charge comes to without asking anybody.
    enum Step: Sendable {
        /// A unit of this lease was spent.
        case spent(UInt64)
        /// Used up until then.
        case refused(until: UInt64)
        case ask(LimitAsk)
    }

    init(capacity: Int) {
        shards = (0..<16).map { _ in Shard() }
        capacityPerShard = max(1, capacity / 16)
    }

    /// Spends a unit, or finds that there is none to be had, or says what to ask for.
    func take(_ charge: LimitCharge, at now: UInt64) -> Step {
        change(charge, sweepingAt: now) { lease in
            let expected = lease.noteRequest(at: now)
            if lease.spend(at: now) { return .spent(lease.generation) }
            if now < lease.refusedUntil { return .refused(until: lease.refusedUntil) }
            // One question for units at a time: more would take what nobody needs.
            let wanted = lease.isBeingRenewed ? 0 : expected.units
            if wanted > 0 { lease.isBeingRenewed = true }
            return .ask(
                LimitAsk(
                    key: charge.key, pace: lease.pace, isShadow: charge.isShadow, wanted: wanted, lifetime: lease.lifetime,
                    mayPay: expected.isSteady))
        }
    }

    /// Takes back a unit that the request didn't need after all.
    func takeBack(_ charge: LimitCharge, _ generation: UInt64) { change(charge) { $0.takeBack(generation) } }

    /// Nobody will answer this.
    func abandon(_ charge: LimitCharge, _ ask: LimitAsk) {
        if ask.wanted > 0 { change(charge) { $0.isBeingRenewed = false } }
    }

    /// Learns what was answered: the level is how far the arrival time is ahead of the store's clock.
    ///
    /// - Parameters:
    ///   - asked: when the question was sent, ``now`` when the answer was here.
    ///   - isRefused: whether this is the limit that was used up.
    func learn(_ charge: LimitCharge, _ ask: LimitAsk, _ grant: LimitAnswer.Grant, level: UInt64, asked: UInt64, now: UInt64, isRefused: Bool) {
        change(charge) { lease in
            if ask.wanted > 0 { lease.isBeingRenewed = false }
            lease.known = GCRA(arrival: now + level)
            if grant.units > 0 {
                lease.renew(grant.units, asked: asked, generation: generations.wrappingAdd(1, ordering: .relaxed).newValue)
            }
            let wait = level + lease.pace.interval
            if isRefused || grant.isShadowed, wait > lease.pace.tolerance { lease.refusedUntil = asked + wait - lease.pace.tolerance }
        }
    }

    /// How the charge's limit stands.
    func lease(of charge: LimitCharge) -> Lease { change(charge) { $0 } }

    /// The arrival time of `key` as far as it is known, in microseconds of this process's clock.
    func arrival(of key: LimitKey) -> UInt64? { shard(of: key).state.withLock { $0.leases[key]?.known.arrival } }

    /// Keys that are remembered.
    var count: Int { shards.reduce(0) { $0 + $1.state.withLock(\.leases.count) } }

    private func change<Value>(_ charge: LimitCharge, sweepingAt now: UInt64? = nil, _ body: (inout Lease) -> Value) -> Value {
        let pace = Pace.microseconds(charge.limit)
        return shard(of: charge.key).state.withLock { state in
            if let now, state.leases.count >= state.nextSweep { sweep(&state, at: now) }
            var lease = state.leases[charge.key] ?? Lease(pace)
            // A limit that was changed begins anew: what was taken under the old one is lost.
            if lease.pace != pace { lease = Lease(pace) }
            defer { state.leases[charge.key] = lease }
            return body(&lease)
        }
    }

    private func sweep(_ state: inout Shard.State, at now: UInt64) {
        state.leases = state.leases.filter { !$0.value.isIdle(at: now) }
        if state.leases.count >= capacityPerShard { state.leases.removeAll() }
        state.nextSweep = min(max(1024, state.leases.count * 2), capacityPerShard)
    }

    private func shard(of key: LimitKey) -> Shard { shards[Int(UInt(bitPattern: key.hashValue) % 16)] }
}
