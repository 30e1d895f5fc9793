/// A request whose messages are sent: collects its results until its Sync comes back.
struct SentUnit {
    /// What each command of the unit was, in order.
    enum Command {
        /// The preparation of that statement.
        case preparation(StatementCache.Key)
        /// The end of one that fell out of the cache.
        case deallocation
        case statement
    }

    let request: PipelineRequest
    let commands: [Command]
    private var current = 0
    private(set) var rows: [Rows] = []
    private(set) var failure: PostgresError?
    /// Statements whose preparation did not succeed.
    private(set) var unprepared: [StatementCache.Key] = []
    private var currentSucceeded = false

    init(_ request: PipelineRequest, _ commands: [Command]) {
        self.request = request
        self.commands = commands
    }

    mutating func succeed(_ result: ResultHandle) {
        currentSucceeded = true
        if current < commands.count, case .statement = commands[current] { rows.append(Rows(result)) }
    }

    /// Keeps the first error: the ones behind it only follow from it.
    mutating func fail(_ error: PostgresError) { if failure == nil { failure = error } }

    /// The current command has no more results.
    mutating func advance() {
        if current < commands.count, case .preparation(let key) = commands[current], !currentSucceeded { unprepared.append(key) }
        current += 1
        currentSucceeded = false
    }

    /// What the caller gets once the Sync is back.
    var outcome: Result<[Rows], PostgresError> {
        if let failure { .failure(failure) } else { .success(Array(rows.dropFirst(request.skipped))) }
    }

    /// The statement the server knew is stale or gone; outside an explicit transaction nothing of the unit happened.
    var isStale: Bool { failure?.isStalePlan == true }
}
