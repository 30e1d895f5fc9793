package import Redis

/// Counts together with other nodes, on a Redis or Valkey that they share.
///
/// A node takes units ahead and spends them on its own, so that most requests ask nobody; refusals are remembered for as long as they
/// hold. Where the store is away or slow, each node counts its share of each limit alone, from where the shared count was when last heard of.
package struct SharedLimiter: Limiter {
    private let store: any LimitStore
    private let book: LeaseBook
    private let alone: MemoryLimiter
    private let nodes: Int
    private let now: @Sendable () -> UInt64

    /// - Parameters:
    ///   - nodes: among how many a limit is shared where each counts alone.
    ///   - capacity: keys that are remembered at most, of the shared count and of the own one.
    package init(_ client: RedisClient, nodes: Int, capacity: Int = 1_000_000) {
        self.init(RedisLimitStore(client: client), nodes: nodes, capacity: capacity, now: MemoryLimiter.uptime)
    }

    /// - Parameter now: a clock that never goes back, in nanoseconds.
    init(_ store: any LimitStore, nodes: Int, capacity: Int = 1_000_000, now: @escaping @Sendable () -> UInt64) {
        self.store = store
        book = LeaseBook(capacity: capacity)
        alone = MemoryLimiter(capacity: capacity, now: now)
        self.nodes = max(1, nodes)
        self.now = now
    }

    package func admit(_ charges: [LimitCharge]) async -> LimitVerdict {
        let asked = time
        var course = Course()
        for charge in charges {
            switch book.take(charge, at: asked) {
            case .spent(let generation): course.spent.append(.init(charge: charge, generation: generation))
            case .ask(let ask):
                course.asked.append(charge)
                course.asks.append(ask)
            case .refused where charge.isShadow: course.shadowed.append(charge.key.kind)
            case .refused(let until):
                undo(course)
                course.refused = Wait(kind: charge.key.kind, microseconds: until - asked)
                return verdict(on: charges, course, .lease)
            }
        }
        if course.asks.isEmpty { return verdict(on: charges, course, .lease) }
        do {
            learn(try await store.take(course.asks), &course, asked: asked)
            return verdict(on: charges, course, .store)
        } catch {
            undo(course)
            return decideAlone(charges)
        }
    }

    /// What was done for one set of charges so far.
    private struct Course {
        var spent: [Spent] = []
        /// Whose units are asked for, and how.
        var asked: [LimitCharge] = []
        var asks: [LimitAsk] = []
        var shadowed: [LimitKind] = []
        var refused: Wait?
    }

    private struct Spent {
        let charge: LimitCharge
        let generation: UInt64
    }

    private struct Wait {
        let kind: LimitKind
        let microseconds: UInt64
    }

    private func undo(_ course: Course) {
        takeBack(course)
        for (index, charge) in course.asked.enumerated() { book.abandon(charge, course.asks[index]) }
    }

    private func takeBack(_ course: Course) { for unit in course.spent { book.takeBack(unit.charge, unit.generation) } }

    private func learn(_ answer: LimitAnswer, _ course: inout Course, asked: UInt64) {
        let heard = time
        for (index, grant) in answer.grants.enumerated() {
            let (charge, pace) = (course.asked[index], course.asks[index].pace)
            let level = max(grant.arrival, answer.now) - answer.now
            let isRefused = answer.refused == index
            book.learn(charge, course.asks[index], grant, level: level, asked: asked, now: heard, isRefused: isRefused)
            if grant.isShadowed { course.shadowed.append(charge.key.kind) }
            if isRefused {
                let wait = level + pace.interval
                course.refused = Wait(kind: charge.key.kind, microseconds: wait - min(wait, pace.tolerance))
            }
        }
        if course.refused != nil { takeBack(course) }
    }

    private func verdict(on charges: [LimitCharge], _ course: Course, _ source: LimitVerdict.Source) -> LimitVerdict {
        let time = time
        let states = charges.filter { !$0.isShadow }.map { charge in
            let lease = book.lease(of: charge)
            return LimitVerdict.State(
                kind: charge.key.kind, limit: charge.limit, remaining: lease.remaining(at: time),
                untilNext: Self.seconds(lease.known.untilNext(at: time, lease.pace)))
        }
        return LimitVerdict(
            states: states, refused: course.refused.map { .init(kind: $0.kind, retryAfter: max(1, Self.seconds($0.microseconds))) },
            shadowed: course.shadowed, source: source)
    }

    /// By this node's share of each limit. A level is a part of a window, so it means the same for a share as for the whole.
    private func decideAlone(_ charges: [LimitCharge]) -> LimitVerdict {
        for charge in charges { if let arrival = book.arrival(of: charge.key) { alone.raise(charge.key, to: arrival * 1000) } }
        let verdict = alone.admit(charges.map { LimitCharge($0.key, share(of: $0.limit, $0.key.kind), isShadow: $0.isShadow) })
        let enforced = charges.filter { !$0.isShadow }
        return LimitVerdict(
            states: verdict.states.enumerated().map { index, state in
                .init(kind: state.kind, limit: enforced[index].limit, remaining: state.remaining, untilNext: state.untilNext)
            },
            refused: verdict.refused, shadowed: verdict.shadowed, source: .fallback)
    }

    private func share(of limit: Limit, _ kind: LimitKind) -> Limit {
        Limit(requests: max(1, limit.requests / (kind.isStrictAlone ? 2 * nodes : nodes)), window: limit.window) ?? limit
    }

    /// Keys that are remembered.
    var remembered: Int { book.count }

    /// In microseconds.
    private var time: UInt64 { now() / 1000 }

    private static func seconds(_ microseconds: UInt64) -> Int { Int((microseconds + 999_999) / 1_000_000) }
}
