import Postgres
import Support
import Testing

@Suite(.ownDatabase) struct ConnectTests {
    @Test func aConnectionKnowsItsServerProcess() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let pid = try await connection.query("SELECT pg_backend_pid()").only(Int32.self)
        #expect(await connection.backendPID() == pid)
        await connection.close()
        #expect(!connection.isOpen)
        #expect(await connection.backendPID() == nil)
    }

    @Test func aClosedConnectionRefusesWork() async throws {
        let connection = try await SuiteDatabase.required().connect()
        await connection.close()
        await connection.close()
        await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        await #expect(throws: PostgresError.self) { try await connection.script("SELECT 1") }
    }

    @Test func noServerThereIsAnErrorAtOnce() async throws {
        let configuration = ConnectionConfiguration(url: "host=/nonexistent user=nobody dbname=nothing")
        let error = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(configuration, logger: .silent) }
        #expect(error?.kind == .connection)
        #expect(error?.isConnectionLoss == true)
    }

    @Test func anUnknownDatabaseIsAnError() async throws {
        var configuration = try SuiteDatabase.required().configuration
        configuration.database = "no_such_database"
        let error = await #expect(throws: PostgresError.self) { try await PostgresConnection.connect(configuration, logger: .silent) }
        #expect(String(reflecting: error).contains("no_such_database"))
    }

    @Test(arguments: ["postgres://host:notaport/x?nonsense=1", "host", "postgres://%zz"])
    func anUnreadableURLIsAConfigurationError(url: String) async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(ConnectionConfiguration(url: url), logger: .silent)
        }
        #expect(error?.kind == .invalidConfiguration)
    }

    @Test func userAndTimeoutAreTheConfigurations() async throws {
        let owner = try await SuiteDatabase.required().connect()
        let role = "driver_role_\(UInt32.random(in: 0 ... .max))"
        try await owner.script("CREATE ROLE \(role) LOGIN")
        var configuration = try SuiteDatabase.required().configuration
        configuration.user = role
        configuration.applicationName = "connect tests"
        configuration.statementTimeout = .milliseconds(1234)
        let connection = try await PostgresConnection.connect(configuration, logger: .silent)
        let seen = try await connection.query(
            "SELECT current_user::text, current_setting('application_name'), current_setting('statement_timeout')"
        ).decode(String.self, String.self, String.self)
        #expect(seen[0] == (role, "connect tests", "1234ms"))
        await connection.close()
        try await owner.script("DROP ROLE \(role)")
        await owner.close()
    }

    @Test func theServersTimeoutEndsAStatementAndNotTheConnection() async throws {
        var configuration = try SuiteDatabase.required().configuration
        configuration.statementTimeout = .milliseconds(50)
        let connection = try await PostgresConnection.connect(configuration, logger: .silent)
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT pg_sleep(30)") }
        #expect(error?.sqlState == .queryCanceled)
        #expect(try await connection.query("SELECT 1").only(Int.self) == 1)
        await connection.close()
    }
}
