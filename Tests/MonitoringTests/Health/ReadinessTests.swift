import Monitoring
import Support
import Synchronization
import Testing

/// Ready means: the checks pass and the node isn't ending. Probes don't weigh on what is checked.
@Suite(.timeLimit(.minutes(1))) struct ReadinessTests {
    @Test func readyMeansThatEveryCheckPasses() async {
        #expect(await Readiness([]).report().isReady)
        #expect(await Readiness([("database", { true }), ("schema", { true })]).report().isReady)
        let report = await Readiness([("database", { false }), ("schema", { true }), ("keys", { false })]).report()
        #expect(!report.isReady)
        #expect(report.failing == ["database", "keys"])
    }

    @Test func whoeverAsksMeanwhileSharesOneQuestion() async throws {
        let gate = Gate()
        let readiness = Readiness([
            (
                "database",
                {
                    await gate.pass(); return true
                }
            )
        ])
        let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { await readiness.report().isReady } }
            try await eventually("the check runs") { gate.arrivals > 0 }
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: true, count: 50))
        #expect(gate.arrivals == 1)
    }

    @Test func anAnswerIsKeptForAMomentOnly() async throws {
        let asked = Mutex(0)
        let readiness = Readiness([
            (
                "database",
                {
                    asked.withLock { $0 += 1 }; return true
                }
            )
        ])
        let start = ContinuousClock.now
        for _ in 0..<100 { _ = await readiness.report() }
        // As many as the time allows on a slow machine; usually one.
        #expect(asked.withLock { $0 } <= 1 + Int((ContinuousClock.now - start) / .milliseconds(250)))
        try await eventually("it is asked again") {
            _ = await readiness.report()
            return asked.withLock { $0 } > 1
        }
    }

    @Test func whoAsksAndLeavesDoesNotSpoilTheAnswer() async throws {
        let gate = Gate()
        let readiness = Readiness([
            (
                "database",
                {
                    await gate.pass(); return !Task.isCancelled
                }
            )
        ])
        try await withThrowingTaskGroup(of: Bool.self) { group in
            let first = Task { await readiness.report() }
            try await eventually("the check runs") { gate.arrivals == 1 }
            group.addTask { await readiness.report().isReady }
            first.cancel()
            gate.open()
            #expect(try await group.next() == true)
            _ = await first.value
        }
    }

    @Test func anEndingNodeIsNotReady() async throws {
        let readiness = Readiness([("database", { true })])
        try await withService(readiness) { #expect(await readiness.report().isReady) }
        let report = await readiness.report()
        #expect(!report.isReady)
        #expect(report.failing == ["draining"])
    }

    @Test func aCheckThatHangsHasFailed() async {
        let readiness = Readiness([
            ("database", { (try? await Task.sleep(for: .seconds(3600))) != nil }), ("keys", { true }),
        ])
        #expect(await readiness.report().failing == ["database"])
    }
}
