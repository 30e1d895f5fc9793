import Domain
import Foundation
import Logging
import Synchronization
import Testing

@testable import Auth

/// A node knows the flags by heart, and goes by what it knew last.
@Suite(.timeLimit(.minutes(1))) struct FlagBoardTests {
    private let tenant = TenantID(UUID())
    private let source = ChangingSource()
    private let silent = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    private static func snapshot(_ isEnabled: Bool, revision: Int) -> FlagSnapshot {
        FlagSnapshot(states: [.apiTokens: FlagState(defaultEnabled: isEnabled)], revision: revision)
    }

    private func reason(_ board: FlagBoard) -> FlagEvaluation.Reason { board.evaluation(of: .apiTokens, for: tenant).reason }

    @Test func withoutADatabaseTheCodeDecidesAndThenWhatWasReadLast() async {
        let clock = TestClock()
        let board = FlagBoard(nil, source: source, logger: silent, now: { clock.now })
        await board.refresh()
        #expect(board.evaluation(of: .apiTokens, for: tenant) == FlagEvaluation(isEnabled: true, reason: .builtIn))
        source.set(Self.snapshot(false, revision: 2))
        await board.refresh()
        #expect(board.evaluation(of: .apiTokens, for: tenant) == FlagEvaluation(isEnabled: false, reason: .default))
        // The database goes away: off stays off, for however long, and the age says so.
        source.set(nil)
        clock.passes(.seconds(3600))
        await board.refresh()
        #expect(board.evaluation(of: .apiTokens, for: tenant) == FlagEvaluation(isEnabled: false, reason: .default))
        #expect(board.age == .seconds(3600))
        source.set(Self.snapshot(true, revision: 3))
        await board.refresh()
        #expect(board.evaluation(of: .apiTokens, for: tenant).isEnabled)
        #expect(board.age == .zero)
    }

    @Test func onlyWhatChangedIsReadUnlessTheConnectionIsNew() async {
        let board = FlagBoard(Self.snapshot(true, revision: 5), source: source, logger: silent)
        source.set(Self.snapshot(true, revision: 5))
        await board.refresh()
        #expect(source.asked == [5])
        // Another database, restored from a backup: of the same revision by chance.
        source.set(Self.snapshot(false, revision: 5))
        await board.refresh()
        #expect(board.evaluation(of: .apiTokens, for: tenant).isEnabled)
        await board.refresh(inFull: true)
        #expect(!board.evaluation(of: .apiTokens, for: tenant).isEnabled)
        #expect(source.asked == [5, 5, nil])
    }

    @Test func aReadingThatCameLateOverwritesNothingNewer() async {
        let clock = TestClock()
        let board = FlagBoard(nil, source: source, logger: silent, now: { clock.now })
        source.set(Self.snapshot(true, revision: 1))
        source.hold()
        async let late: Void = board.refresh()
        await source.waitsForSomeone()
        clock.passes(.seconds(1))
        source.set(Self.snapshot(false, revision: 2))
        await board.refresh()
        #expect(!board.evaluation(of: .apiTokens, for: tenant).isEnabled)
        source.release()
        await late
        #expect(!board.evaluation(of: .apiTokens, for: tenant).isEnabled)
    }

    @Test func itReadsWhenWokenAndAtIntervalsAnyway() async throws {
        let board = FlagBoard(nil, source: source, logger: silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await board.run() }
            // Nobody says that anything changed.
            for revision in 1...3 {
                source.set(Self.snapshot(revision % 2 == 0, revision: revision))
                let start = ContinuousClock.now
                while board.evaluation(of: .apiTokens, for: tenant).isEnabled != (revision % 2 == 0) {
                    try await Task.sleep(for: .milliseconds(5))
                    try #require(ContinuousClock.now - start < .seconds(30))
                }
            }
            // A thousand notifications at once are no thousand readings.
            let before = source.asked.count
            for _ in 0..<1000 { board.wake() }
            while source.asked.count == before { try await Task.sleep(for: .milliseconds(5)) }
            #expect(source.asked.count - before < 100)
            group.cancelAll()
        }
    }
}

private final class TestClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func passes(_ duration: Duration) { time.withLock { $0 += duration } }
}

/// Answers what it is told to, as the table does; nothing is no database.
private final class ChangingSource: FlagSource, Sendable {
    private struct State {
        var snapshot: FlagSnapshot?
        var asked: [Int?] = []
        var holdsNext = false
        var held: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var asked: [Int?] { state.withLock(\.asked) }

    func set(_ snapshot: FlagSnapshot?) { state.withLock { $0.snapshot = snapshot } }

    /// Lets the next answer wait until ``release()``; it is of now all the same.
    func hold() { state.withLock { $0.holdsNext = true } }

    func waitsForSomeone() async {
        while state.withLock({ $0.held == nil }) { await Task.yield() }
    }

    func release() {
        let held = state.withLock { state in
            defer { state.held = nil }
            return state.held
        }
        held?.resume()
    }

    func snapshot(since revision: Int?) async throws -> FlagSnapshot? {
        let (snapshot, waits) = state.withLock { state in
            state.asked.append(revision)
            defer { state.holdsNext = false }
            return (state.snapshot, state.holdsNext)
        }
        if waits { await withCheckedContinuation { continuation in state.withLock { $0.held = continuation } } }
        guard let snapshot else { throw Refusal.unavailable("no database") }
        return snapshot.revision == revision ? nil : snapshot
    }
}
