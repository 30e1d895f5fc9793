import Postgres
import Support
import Synchronization
import Testing

@Suite(.ownDatabase, .timeLimit(.minutes(1))) struct PostgresListenerTests {
    @Test func notificationsArriveInOrderFromTheListenedChannelsOnly() async throws {
        let heard = Heard()
        let listener = try PostgresListener(
            SuiteDatabase.required().configuration, channels: ["one", "Two \"quoted\""], logger: .silent, onConnect: { heard.connected() },
            onNotification: { heard.append("\($0): \($1)") })
        try await withService(listener) {
            try await eventually("it listens") { heard.connections == 1 }
            let sender = try await SuiteDatabase.required().connect()
            _ = try await sender.query(
                "SELECT pg_notify('one', 'a'), pg_notify('other', 'b'), pg_notify('Two \"quoted\"', 'c'), pg_notify('one', '')")
            try await eventually("all have come") { heard.messages.count == 3 }
            #expect(heard.messages == ["one: a", "Two \"quoted\": c", "one: "])
            await sender.close()
        }
    }

    @Test func listeningSurvivesALostConnection() async throws {
        let heard = Heard()
        let listener = try PostgresListener(
            SuiteDatabase.required().configuration, channels: ["survivor"], logger: .silent, onConnect: { heard.connected() },
            onNotification: { heard.append($1) })
        try await withService(listener) {
            let sender = try await SuiteDatabase.required().connect()
            for round in 1...3 {
                try await eventually("it listens again") { heard.connections == round }
                _ = try await sender.query("SELECT pg_notify('survivor', \("round \(round)"))")
                try await eventually("it hears") { heard.messages.count == round }
                // Terminates whoever listens: the only other backend that last said LISTEN. Reads a few dozen rows.
                let terminated = try await sender.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN \"survivor\"'")
                #expect(terminated.count == 1)
            }
            #expect(heard.messages == ["round 1", "round 2", "round 3"])
            await sender.close()
        }
    }

    @Test func aListenerWithoutAServerKeepsTryingAndStopsWhenAsked() async throws {
        let listener = PostgresListener(
            ConnectionConfiguration(url: "host=/nonexistent dbname=none"), channels: ["x"], logger: .silent, onNotification: { _, _ in })
        let start = ContinuousClock.now
        try await withService(listener) { await Task.yield() }
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}

/// What came, in order.
private final class Heard: Sendable {
    private let state = Mutex((messages: [String](), connections: 0))

    var messages: [String] { state.withLock(\.messages) }
    var connections: Int { state.withLock(\.connections) }

    func append(_ message: String) { state.withLock { $0.messages.append(message) } }
    func connected() { state.withLock { $0.connections += 1 } }
}
