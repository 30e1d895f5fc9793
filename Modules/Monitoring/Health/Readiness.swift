import ServiceLifecycle

/// Whether this node can serve: its checks pass and it isn't shutting down.
///
/// Answers are kept for a quarter of a second, and one question is asked at a time, so that probes can't weigh on the database.
package actor Readiness: Service {
    package typealias Check = @Sendable () async -> Bool

    private let checks: [(name: String, check: Check)]
    private var isDraining = false
    private var latest: (report: HealthReport, at: ContinuousClock.Instant)?
    private var asking: Task<HealthReport, Never>?

    package init(_ checks: [(name: String, check: Check)]) { self.checks = checks }

    /// Waits for the end: from then on the node isn't ready, so that no one sends it more.
    package func run() async throws {
        try? await gracefulShutdown()
        isDraining = true
    }

    package func report() async -> HealthReport {
        if isDraining { return HealthReport(failing: ["draining"]) }
        if let latest, ContinuousClock.now - latest.at < .milliseconds(250) { return latest.report }
        if let asking { return await asking.value }
        // Shared by everyone who asks meanwhile, so it must outlive whoever asked first.
        let question = Task { [checks] in await Self.ask(checks) }
        asking = question
        let report = await question.value
        asking = nil
        latest = (report, .now)
        return report
    }

    private static func ask(_ checks: [(name: String, check: Check)]) async -> HealthReport {
        var failing: [String] = []
        for (name, check) in checks where await !passes(check) { failing.append(name) }
        return HealthReport(failing: failing)
    }

    /// A check that takes longer than a second has failed: a probe must get its answer. The check must heed cancellation.
    private static func passes(_ check: @escaping Check) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await check() }
            group.addTask {
                try? await Task.sleep(for: .seconds(1))
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}

/// What ``Readiness`` found.
package struct HealthReport: Sendable {
    /// The names of the checks that fail.
    package let failing: [String]

    package var isReady: Bool { failing.isEmpty }
}
