import Postgres
import Support
import Testing

@Suite(.ownDatabase) struct PostgresErrorTests {
    @Test func aViolationNamesItsConstraintTableAndSchema() async throws {
        let connection = try await SuiteDatabase.required().connect()
        try await connection.script("CREATE TABLE people (email text CONSTRAINT one_account_per_email UNIQUE)")
        _ = try await connection.query("INSERT INTO people VALUES ('hidden@example.com')")
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("INSERT INTO people VALUES (\("hidden@example.com"))")
        }
        #expect(error?.kind == .server)
        #expect(error?.sqlState == .uniqueViolation)
        #expect(error?.constraint == "one_account_per_email")
        #expect(error?.table == "people")
        #expect(error?.schema == "public")
        #expect(error?.isRetryable == false && error?.isConnectionLoss == false)
        await connection.close()
    }

    /// The server quotes data in its messages; an error's description ends up where anyone may read it.
    @Test(
        arguments: [
            "SELECT 'hidden value'::int4", "SELECT hidden_column FROM pg_class", "SELECT \("hidden value")::uuid", "hidden nonsense",
            "DO $$ BEGIN RAISE EXCEPTION 'hidden words' USING DETAIL = 'hidden detail'; END $$",
        ] as [SQL])
    func aDescriptionLeaksNeitherValuesNorSQL(faulty: SQL) async throws {
        let connection = try await SuiteDatabase.required().connect()
        let error = try #require(await #expect(throws: PostgresError.self) { try await connection.query(faulty) })
        for text in [error.description, "\(error)", String(describing: error)] { #expect(!text.contains("hidden")) }
        #expect(error.description.contains(try #require(error.sqlState?.rawValue)))
        #expect(error.debugDescription.contains("hidden"))
        await connection.close()
    }

    @Test func theServersPositionIsKept() async throws {
        let connection = try await SuiteDatabase.required().connect()
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT nothing_like_it") }
        #expect(error?.position == 8)
        await connection.close()
    }

    @Test func aLockNotHadIsRetryable() async throws {
        let holder = try await SuiteDatabase.required().connect()
        let other = try await SuiteDatabase.required().connect()
        try await holder.script("CREATE TABLE locked (n int)")
        try await holder.script("BEGIN; LOCK TABLE locked")
        let error = await #expect(throws: PostgresError.self) { try await other.script("BEGIN; LOCK TABLE locked NOWAIT") }
        #expect(error?.sqlState == .lockNotAvailable)
        #expect(error?.isRetryable == true)
        await holder.close()
        await other.close()
    }

    @Test func aConfigurationNeverShowsItsPassword() throws {
        var configuration = ConnectionConfiguration(url: "postgres://ann:first-secret@db.example.com/app")
        configuration.password = "second-secret"
        let pool = PostgresPool.Configuration(connection: configuration)
        for text in ["\(configuration)", String(reflecting: configuration), "\(pool)", String(reflecting: pool)] {
            #expect(!text.contains("secret"))
        }
    }

    /// An unreadable URL is told of, the password in it is not.
    @Test(arguments: ["postgres://ann:se%zzcret@h/x", "postgres://ann:secret@h:port/x?bad=1", "password=secret oops"])
    func aFaultyURLDoesNotShowItsPassword(url: String) async {
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(ConnectionConfiguration(url: url), logger: .silent)
        }
        #expect(error?.kind == .invalidConfiguration)
        let told = String(reflecting: error)
        #expect(!told.contains("cret"), "\(told)")
    }
}
