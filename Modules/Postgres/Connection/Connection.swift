import CLibPQ
import DequeModule
import Dispatch
import Logging
import Synchronization

/// One connection in pipeline mode: requests of many callers share it, each an implicit transaction that ends at its own Sync,
/// so that an error in one touches no other.
///
/// `@unchecked Sendable`: everything but `inbox`, `load` and constants is touched on `queue` only, the connection's serial
/// executor; callers hand requests over through `inbox`, and one drain of the queue serves all that have come by then.
@safe final class Connection: @unchecked Sendable {
    let queue: DispatchQueue
    let configuration: ConnectionConfiguration
    let logger: Logger
    let inbox = Mutex(Inbox())
    /// Requests handed over and not answered: what a pool chooses by.
    let load = Atomic<Int>(0)

    var pointer: OpaquePointer?
    var sources: EventSources?
    private var statements = StatementCache()
    var unsent: Deque<PipelineRequest> = []
    var sent: Deque<SentUnit> = []
    var exclusive: (any ExclusiveWork)?
    private var onNotification: ((String, String) -> Void)?
    private var onClose: [(PostgresError) -> Void] = []
    private var isClosing = false

    struct Inbox {
        var requests: [PipelineRequest] = []
        var isDrainScheduled = false
        var closed: PostgresError?
    }

    /// How many units may be on the wire at once.
    static let inFlight = 128

    init(_ configuration: ConnectionConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        queue = DispatchQueue(label: "tessera.postgres.connection")
    }

    deinit {
        sources?.cancel()
        unsafe PQfinish(pointer)
    }
}

// MARK: - Callers, on any thread

extension Connection {
    /// Sends `statements` as one implicit transaction and answers the rows of each.
    func run(_ statements: [SQL], settings: [Setting] = [], mayRetry: Bool = true) async throws -> [Rows] {
        let request = PipelineRequest(statements, settings: settings, mayRetry: mayRetry)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if request.arm(continuation) { submit(request) }
            }
        } onCancel: {
            request.cancel()
        }
    }

    private func submit(_ request: PipelineRequest) {
        let (closed, mustSchedule) = inbox.withLock { inbox -> (PostgresError?, Bool) in
            if let closed = inbox.closed { return (closed, false) }
            inbox.requests.append(request)
            defer { inbox.isDrainScheduled = true }
            return (nil, !inbox.isDrainScheduled)
        }
        if let closed { return request.finish(.failure(closed)) }
        load.add(1, ordering: .relaxed)
        if mustSchedule { queue.async { self.drain() } }
    }

    /// Whether requests are still taken.
    var isOpen: Bool { inbox.withLock { $0.closed == nil } }

    /// Answers what is in flight, then closes. Returns when it is closed.
    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.onClose.append { _ in continuation.resume() }
                if unsafe self.pointer == nil { return self.fail(PostgresError(.connection, message: "closed")) }
                self.isClosing = true
                self.closeIfIdle()
            }
        }
    }

    /// Closes at once; what is in flight fails.
    func abort(_ error: PostgresError) { queue.async { self.fail(error) } }

    /// Returns, with the reason, when the connection has broken; nil when the task is cancelled before.
    func brokenOrCancelled() async -> PostgresError? {
        let (reasons, reason) = AsyncStream.makeStream(of: PostgresError.self)
        queue.async {
            if let error = self.inbox.withLock({ $0.closed }) { reason.yield(error) } else { self.onClose.append { reason.yield($0) } }
        }
        for await error in reasons { return error }
        return nil
    }

    /// Fails the connection if its oldest request has been unanswered for longer than `limit`.
    func check(limit: Duration) {
        queue.async {
            guard let oldest = self.sent.first, ContinuousClock.now - oldest.sentAt > limit else { return }
            self.fail(PostgresError(.statementTimeout, message: "no answer within \(limit)"))
        }
    }

    /// Runs `body` with the connection's pointer on its queue.
    func withPointer<Value: Sendable>(_ body: @escaping @Sendable (OpaquePointer) -> Value) async -> Value? {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: unsafe self.pointer.map { unsafe body($0) }) }
        }
    }
}

// MARK: - On the queue

extension Connection {
    /// Takes over an established connection.
    func start(_ established: OpaquePointer, onNotification: ((String, String) -> Void)? = nil) -> Bool {
        unsafe pointer = established
        self.onNotification = onNotification
        guard unsafe PQsetnonblocking(established, 1) == 0, unsafe PQenterPipelineMode(established) == 1 else { return false }
        sources = EventSources(
            socket: unsafe PQsocket(established), queue: queue,
            onReadable: { [unowned self] in readable() }, onWritable: { [unowned self] in flush() })
        return sources != nil
    }

    private func drain() {
        let requests = inbox.withLock { inbox in
            inbox.isDrainScheduled = false
            return exchange(&inbox.requests, with: [])
        }
        unsent.append(contentsOf: requests)
        sendWaiting()
    }

    /// Sends what waits, as far as the wire may hold.
    private func sendWaiting() {
        guard let pointer = unsafe pointer, exclusive == nil else { return }
        while sent.count < Self.inFlight, let request = unsent.popFirst() {
            if request.isAbandoned {
                load.subtract(1, ordering: .relaxed)
            } else if unsafe !send(request, on: pointer) {
                sent.append(SentUnit(request, []))
                return fail(unsafe .connection(pointer))
            }
        }
        flush()
        closeIfIdle()
    }

    private func send(_ request: PipelineRequest, on pointer: OpaquePointer) -> Bool {
        var commands: [SentUnit.Command] = []
        for statement in request.statements {
            guard unsafe send(statement, on: pointer, &commands) else { return false }
        }
        guard unsafe PQpipelineSync(pointer) == 1 else { return false }
        sent.append(SentUnit(request, commands))
        return true
    }

    private func send(_ statement: SQL, on pointer: OpaquePointer, _ commands: inout [SentUnit.Command]) -> Bool {
        guard case .named = configuration.statementMode else {
            commands.append(.statement)
            return unsafe statement.sendUnnamed(on: pointer)
        }
        if let name = statements.name(for: statement.text) {
            commands.append(.statement)
            return unsafe statement.send(prepared: name, on: pointer)
        }
        let (name, evicted) = statements.insert(statement.text)
        if let evicted {
            commands.append(.preparation(""))
            guard unsafe SQL(unsafeRaw: "DEALLOCATE \(evicted)").sendUnnamed(on: pointer) else { return false }
        }
        commands += [.preparation(statement.text), .statement]
        return unsafe statement.prepare(as: name, on: pointer) && statement.send(prepared: name, on: pointer)
    }

    /// Writes what libpq holds, and asks to be told when the rest can be written.
    func flush() {
        guard let pointer = unsafe pointer else { return }
        switch unsafe PQflush(pointer) {
        case 0: sources?.setWriting(false)
        case 1: sources?.setWriting(true)
        default: fail(unsafe .connection(pointer))
        }
    }

    private func readable() {
        guard let pointer = unsafe pointer else { return }
        guard unsafe PQconsumeInput(pointer) == 1 else { return fail(unsafe .connection(pointer)) }
        if unsafe PQflush(pointer) < 0 { return fail(unsafe .connection(pointer)) }
        if let exclusive { unsafe exclusive.readable(pointer, on: self) } else { unsafe collectResults(pointer) }
        unsafe deliverNotifications(pointer)
        if unsafe !(unsent.isEmpty || self.pointer == nil) { sendWaiting() }
        closeIfIdle()
    }

    private func collectResults(_ pointer: OpaquePointer) {
        while !sent.isEmpty, unsafe PQisBusy(pointer) == 0 {
            guard let result = unsafe PQgetResult(pointer) else {
                sent[0].advance()
                continue
            }
            let handle = unsafe ResultHandle(result)
            switch unsafe PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: sent[0].succeed(handle)
            case PGRES_PIPELINE_ABORTED: break
            case PGRES_PIPELINE_SYNC: complete(sent.removeFirst())
            default: sent[0].fail(unsafe PostgresError(result))
            }
            if unsafe PQstatus(pointer) == CONNECTION_BAD { return fail(unsafe .connection(pointer)) }
        }
    }

    private func complete(_ unit: SentUnit) {
        for text in unit.unprepared where !text.isEmpty { statements.remove(text) }
        if unit.isStale, unit.request.claimRetry() {
            if unit.failure?.sqlState == .invalidStatementName { statements.removeAll() }
            for statement in unit.request.statements { statements.remove(statement.text) }
            unsent.append(unit.request)
            return
        }
        load.subtract(1, ordering: .relaxed)
        unit.request.finish(unit.outcome)
    }

    private func deliverNotifications(_ pointer: OpaquePointer) {
        guard let onNotification else { return }
        while let notification = unsafe PQnotifies(pointer) {
            unsafe onNotification(String(cString: notification.pointee.relname), String(cString: notification.pointee.extra))
            unsafe PQfreemem(notification)
        }
    }

    private func closeIfIdle() {
        if isClosing, sent.isEmpty, unsent.isEmpty, exclusive == nil, inbox.withLock(\.requests.isEmpty) {
            fail(PostgresError(.connection, message: "closed"))
        }
    }

    /// Ends the connection: whatever waits on it gets `error`.
    func fail(_ error: PostgresError) {
        let waiting = inbox.withLock { inbox in
            if inbox.closed == nil { inbox.closed = error }
            return exchange(&inbox.requests, with: [])
        }
        let units = exchange(&sent, with: [])
        let requests = exchange(&unsent, with: []) + waiting
        load.subtract(units.count + requests.count, ordering: .relaxed)
        for unit in units { unit.request.finish(.failure(unit.failure ?? error)) }
        for request in requests { request.finish(.failure(error)) }
        exchange(&exclusive, with: nil)?.fail(error)
        sources?.cancel()
        sources = nil
        unsafe PQfinish(pointer)
        unsafe pointer = nil
        for handler in exchange(&onClose, with: []) { handler(error) }
    }
}
