import Testing

@testable import Limits

/// What is admitted is exactly the burst plus the rate times the time.
@Suite struct GCRATests {
    @Test func admittedNeverPassesBurstPlusRateTimesTime() throws {
        for _ in 0..<200 {
            let limit = try #require(Limit(requests: Int.random(in: 1...50), window: Int.random(in: 1...60)))
            let pace = Pace.nanoseconds(limit)
            let clock = ManualClock()
            let limiter = MemoryLimiter(now: clock.now)
            let charge = LimitCharge(LimitKey(.token, .words(1, 2)), limit)
            var admitted = 0
            for _ in 0..<500 {
                clock.advance(by: UInt64.random(in: 0...pace.interval))
                if limiter.admit([charge]).refused == nil { admitted += 1 }
            }
            let earned = Double(clock.now() - 1) / Double(pace.interval)
            #expect(Double(admitted) <= Double(limit.requests) + earned)
        }
    }

    @Test func burstThenOneAnInterval() throws {
        let limit = try #require(Limit(requests: 3, window: 60))
        let clock = ManualClock()
        let limiter = MemoryLimiter(now: clock.now)
        let charge = LimitCharge(LimitKey(.user, .text("x")), limit)
        #expect((0..<3).map { _ in limiter.admit([charge]).states[0].remaining } == [2, 1, 0])
        let refused = try #require(limiter.admit([charge]).refused)
        #expect(refused.retryAfter == 20)
        clock.advance(by: 19_999_999_998)
        #expect(limiter.admit([charge]).refused != nil)
        clock.advance(by: 2)
        #expect(limiter.admit([charge]).refused == nil)
        #expect(limiter.admit([charge]).refused != nil)
    }

    @Test func refusedSetOfChargesBurnsNothing() throws {
        let clock = ManualClock()
        let limiter = MemoryLimiter(now: clock.now)
        let roomy = LimitCharge(LimitKey(.tenant, .words(0, 1)), try #require(Limit(requests: 10, window: 60)))
        let tight = LimitCharge(LimitKey(.token, .words(0, 2)), try #require(Limit(requests: 1, window: 60)))
        #expect(limiter.admit([roomy, tight]).refused == nil)
        for _ in 0..<20 { #expect(limiter.admit([roomy, tight]).refused?.kind == .token) }
        #expect(limiter.admit([roomy]).states[0].remaining == 8)
    }

    @Test func aRaisedLimitHoldsAtOnce() throws {
        let clock = ManualClock()
        let limiter = MemoryLimiter(now: clock.now)
        let key = LimitKey(.token, .words(0, 2))
        let (narrow, wide) = (try #require(Limit(requests: 3, window: 3600)), try #require(Limit(requests: 60, window: 60)))
        for _ in 0..<4 { _ = limiter.admit([LimitCharge(key, narrow)]) }
        #expect(limiter.admit([LimitCharge(key, wide)]).refused?.retryAfter == 1)
        clock.advance(by: 10_000_000_000)
        #expect((0..<20).count { _ in limiter.admit([LimitCharge(key, wide)]).refused == nil } == 10)
    }

    @Test func manyThreadsAdmitNoMoreThanOne() async throws {
        let limiter = MemoryLimiter(now: { 1 })
        let charge = LimitCharge(LimitKey(.address, .words(7, 7)), try #require(Limit(requests: 500, window: 60)))
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { (0..<200).count { _ in limiter.admit([charge]).refused == nil } } }
            return await group.reduce(0, +)
        }
        #expect(admitted == 500)
    }

    @Test func memoryIsBoundedAndUsedUpKeysAreKept() throws {
        let limiter = MemoryLimiter(capacity: 3200, now: { 1 })
        let limit = try #require(Limit(requests: 5, window: 60))
        let busy = LimitCharge(LimitKey(.login, .text("busy")), limit)
        for _ in 0..<5 { _ = limiter.admit([busy]) }
        for index in 0..<40_000 { _ = limiter.admit([LimitCharge(LimitKey(.address, .words(0, UInt64(index))), limit)]) }
        #expect(limiter.count <= 3200 + 16)
        #expect(limiter.admit([busy]).refused != nil)
    }

    @Test(arguments: ["600/60", "1/1"]) func limitsAreRead(text: String) { #expect(Limit(text)?.description == text) }

    @Test(arguments: ["", "600", "0/60", "600/0", "-1/60", "a/b", "1/2/3", "off", "99999999999999/1"])
    func otherTextsAreNoLimits(text: String) { #expect(Limit(text) == nil) }
}
