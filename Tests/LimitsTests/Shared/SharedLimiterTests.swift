import Testing

@testable import Limits

/// Nodes that take units ahead admit no more than one that asks for each, in any span of time, and seldom ask.
@Suite struct SharedLimiterTests {
    /// What was admitted, by whichever node, conforms to one single count: so does every span of it.
    @Test func whatAllNodesAdmitConformsToOneCount() async throws {
        var (admitted, questions) = (0, 0)
        for _ in 0..<150 {
            let clock = ManualClock(.random(in: 1...1_000_000_000_000))
            let store = ModelStore(clock, delay: Bool.random() ? 0 : 2_000_000)
            let nodes = (0..<Int.random(in: 1...4)).map { _ in SharedLimiter(store, nodes: 2, now: clock.now) }
            let limit = try #require(Limit(requests: .random(in: 1...300), window: .random(in: 1...60)))
            let pace = Pace.nanoseconds(limit)
            let charge = LimitCharge(LimitKey(.token, .words(1, 2)), limit)
            var one = GCRA()
            var mean = pace.interval
            for step in 0..<2000 {
                // Bursts, quiet times, and everything between.
                if step % 100 == 0 { mean = pace.interval * .random(in: 1...400) / 100 }
                if Int.random(in: 0..<300) == 0 { clock.advance(by: pace.tolerance) }
                clock.advance(by: .random(in: 0...2 * mean))
                let verdict = await nodes.randomElement()?.admit([charge])
                guard verdict?.refused == nil else { continue }
                // In microseconds, as the store counts; a microsecond is lost on the way there.
                let time = clock.now() / 1000
                one.commit(max(one.arrival, time) + Pace.microseconds(limit).interval)
                #expect(one.arrival <= time + Pace.microseconds(limit).tolerance + 2, "\(limit), step \(step)")
                admitted += 1
            }
            questions += store.questions
        }
        print("\(admitted) requests admitted by leases conform to one count; \(questions) questions")
    }

    /// Units that were taken ahead come on top of nothing, however late they are spent.
    @Test func whoHoldsUnitsAndWaitsGetsNoMoreThanABurst() async throws {
        var held = 0
        for _ in 0..<40 {
            let clock = ManualClock(5_000_000_000)
            let store = ModelStore(clock)
            let nodes = (0..<2).map { _ in SharedLimiter(store, nodes: 2, now: clock.now) }
            let limit = try #require(Limit(requests: .random(in: 1000...4000), window: .random(in: 20...60)))
            let pace = Pace.nanoseconds(limit)
            let charge = LimitCharge(LimitKey(.token, .words(1, 2)), limit)
            for _ in 0..<300 {
                clock.advance(by: 2 * pace.interval)
                #expect(await nodes[0].admit([charge]).refused == nil)
            }
            // Until units were just taken, and then for almost as long as they may be kept.
            let asked = store.questions
            while store.questions == asked {
                clock.advance(by: 2 * pace.interval)
                _ = await nodes[0].admit([charge])
            }
            clock.advance(by: pace.tolerance / 50 * .random(in: 60...94) / 100)
            let before = store.questions
            var admitted = 0
            while await nodes[0].admit([charge]).source == .lease { admitted += 1 }
            held += admitted
            #expect(store.questions == before + 1)
            admitted += 1
            for step in 0..<3 * limit.requests { admitted += await nodes[step % 2].admit([charge]).refused == nil ? 1 : 0 }
            #expect(admitted <= limit.requests)
        }
        #expect(held > 40)
    }

    @Test func aBurstOfTheWholeLimitIsAdmittedToTheLastUnit() async throws {
        let clock = ManualClock(5_000_000_000)
        let store = ModelStore(clock)
        let nodes = (0..<2).map { _ in SharedLimiter(store, nodes: 2, now: clock.now) }
        let charge = LimitCharge(LimitKey(.token, .words(1, 2)), try #require(Limit(requests: 600, window: 60)))
        var admitted = 0
        for step in 0..<2000 { admitted += await nodes[step % 2].admit([charge]).refused == nil ? 1 : 0 }
        // Units that one node holds are not the other's, and are used by it in the end.
        #expect(admitted == 600)
        print("600 of a burst admitted with \(store.questions) questions")
        #expect(store.questions < 200)
    }

    @Test func steadyUseSeldomAsks() async throws {
        let clock = ManualClock(5_000_000_000)
        let store = ModelStore(clock)
        let limiter = SharedLimiter(store, nodes: 2, now: clock.now)
        let charge = LimitCharge(LimitKey(.tenant, .words(1, 2)), try #require(Limit(requests: 6000, window: 60)))
        for _ in 0..<3000 {
            clock.advance(by: 20_000_000)
            #expect(await limiter.admit([charge]).refused == nil)
        }
        print("a minute at half the rate: 3000 requests, \(store.questions) questions")
        #expect(store.questions < 150)
    }

    @Test func whoIsRefusedIsRefusedWithoutAskingUntilAUnitIsBack() async throws {
        let clock = ManualClock(5_000_000_000)
        let store = ModelStore(clock)
        let limiter = SharedLimiter(store, nodes: 2, now: clock.now)
        let charge = LimitCharge(LimitKey(.address, .words(1, 2)), try #require(Limit(requests: 3, window: 60)))
        for _ in 0..<3 { #expect(await limiter.admit([charge]).refused == nil) }
        #expect(await limiter.admit([charge]).refused?.retryAfter == 20)
        let asked = store.questions
        for _ in 0..<100 { #expect(await limiter.admit([charge]).refused?.retryAfter == 20) }
        #expect(store.questions == asked)
        clock.advance(by: 20_000_000_000)
        #expect(await limiter.admit([charge]).refused == nil)
        #expect(await limiter.admit([charge]).refused != nil)
    }

    @Test func aRefusedSetOfChargesBurnsNothing() async throws {
        let clock = ManualClock(5_000_000_000)
        let store = ModelStore(clock)
        let limiter = SharedLimiter(store, nodes: 2, now: clock.now)
        let roomy = LimitCharge(LimitKey(.tenant, .words(0, 1)), try #require(Limit(requests: 100, window: 60)))
        let tight = LimitCharge(LimitKey(.token, .words(0, 2)), try #require(Limit(requests: 1, window: 3600)))
        #expect(await limiter.admit([roomy, tight]).refused == nil)
        // Some units are taken ahead, so that there are some to burn.
        for _ in 0..<20 { #expect(await limiter.admit([roomy]).refused == nil) }
        #expect(await limiter.admit([roomy]).source == .lease)
        for _ in 0..<200 { #expect(await limiter.admit([tight, roomy].shuffled()).refused?.kind == .token) }
        // Another node, which knows nothing yet, finds the others as well.
        let other = SharedLimiter(store, nodes: 2, now: clock.now)
        var admitted = 0
        for step in 0..<300 { admitted += await [limiter, other][step % 2].admit([roomy]).refused == nil ? 1 : 0 }
        #expect(admitted == 78)
    }

    @Test func remainingCountsDownByOneAndTellsTheWaitForMore() async throws {
        let clock = ManualClock(5_000_000_000)
        let limiter = SharedLimiter(ModelStore(clock), nodes: 2, now: clock.now)
        let charge = LimitCharge(LimitKey(.token, .words(1, 2)), try #require(Limit(requests: 100, window: 50)))
        for left in (0..<100).reversed() {
            let state = await limiter.admit([charge]).states[0]
            #expect(state.remaining == left)
            #expect(state.untilNext == 1)
        }
        #expect(await limiter.admit([charge]).states[0].remaining == 0)
    }

    @Test func aLimitThatIsOnlyWatchedRefusesNobodyAndIsNoChargeWhereItIsUsedUp() async throws {
        let clock = ManualClock(5_000_000_000)
        let store = ModelStore(clock)
        let limiters: [any Limiter] = [SharedLimiter(store, nodes: 2, now: clock.now), MemoryLimiter(now: clock.now)]
        for limiter in limiters {
            let enforced = LimitCharge(LimitKey(.tenant, .words(0, 1)), try #require(Limit(requests: 50, window: 60)))
            let watched = LimitCharge(LimitKey(.token, .words(0, 2)), try #require(Limit(requests: 5, window: 3600)), isShadow: true)
            var shadowed = 0
            for _ in 0..<50 {
                let verdict = await limiter.admit([watched, enforced])
                #expect(verdict.refused == nil)
                #expect(verdict.states.map(\.kind) == [.tenant])
                shadowed += verdict.shadowed.count
            }
            #expect(shadowed == 45)
            #expect(await limiter.admit([watched, enforced]).refused?.kind == .tenant)
        }
    }

    @Test func aNodeThatCountsAloneGrantsItsShareAndGoesOnFromWhatWasKnown() async throws {
        let clock = ManualClock(5_000_000_000)
        let store = ModelStore(clock)
        let limiter = SharedLimiter(store, nodes: 3, now: clock.now)
        let limit = try #require(Limit(requests: 30, window: 60))
        let usedUp = LimitCharge(LimitKey(.token, .words(0, 1)), limit)
        for _ in 0..<30 { #expect(await limiter.admit([usedUp]).source != .fallback) }
        store.isAway = true
        #expect(await limiter.admit([usedUp]).refused != nil)
        for (kind, share) in [(LimitKind.token, 10), (.address, 10), (.register, 5), (.loginAddress, 5), (.reset, 5)] {
            var admitted = 0
            for _ in 0..<100 {
                let verdict = await limiter.admit([LimitCharge(LimitKey(kind, .words(0, 2)), limit)])
                #expect(verdict.source == .fallback)
                #expect(verdict.states[0].limit == limit)
                if verdict.refused == nil { admitted += 1 }
            }
            #expect(admitted == share, "\(kind)")
        }
        store.isAway = false
        clock.advance(by: 60_000_000_000)
        #expect(await limiter.admit([usedUp]).source == .store)
    }

    /// The asker of units for later got no answer: somebody asks again.
    @Test func anAnswerThatNeverCameIsAskedForAgain() async throws {
        let clock = ManualClock(5_000_000_000)
        let store = ModelStore(clock)
        let limiter = SharedLimiter(store, nodes: 1, now: clock.now)
        let charge = LimitCharge(LimitKey(.tenant, .words(1, 2)), try #require(Limit(requests: 6000, window: 60)))
        store.isAway = true
        for _ in 0..<300 { _ = await limiter.admit([charge]) }
        store.isAway = false
        let before = store.questions
        for _ in 0..<300 { _ = await limiter.admit([charge]) }
        #expect(store.questions - before < 150)
    }

    @Test func memoryIsBounded() async throws {
        let clock = ManualClock(5_000_000_000)
        let limiter = SharedLimiter(ModelStore(clock), nodes: 1, capacity: 32_000, now: clock.now)
        let limit = try #require(Limit(requests: 5, window: 60))
        for index in 0..<100_000 { _ = await limiter.admit([LimitCharge(LimitKey(.address, .words(0, UInt64(index))), limit)]) }
        #expect(limiter.remembered <= 32_000 + 16)
    }
}
