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
    /// When the server last had reason to speak, or did; what ``silenceLimit`` counts from.
    private var silentSince = ContinuousClock.now
    private var watch: (any DispatchSourceTimer)?

    struct Inbox {
        var requests: [PipelineRequest] = []
        var isDrainScheduled = false
        var closed: PostgresError?
    }

    /// How many units may be on the wire at once.
    static let inFlight = 128
    /// How many parameters a statement may have: the protocol counts them in 16 bits.
    static let parameters = 65_535

    /// How long the server may work on a statement before it counts as gone; nil is for ever.
    private let silenceLimit: Duration?

    init(_ configuration: ConnectionConfiguration, logger: Logger, silenceLimit: Duration?) {
        self.configuration = configuration
        self.logger = logger
        self.silenceLimit = silenceLimit
        queue = DispatchQueue(label: "tessera.postgres.connection")
    }

    deinit {
        watch?.cancel()
        sources?.cancel()
        unsafe PQfinish(pointer)
    }
}

// MARK: - Callers, on any thread

extension Connection {
    /// Sends `statements` as one implicit transaction and answers the rows of each.
    ///
    /// - Parameter isExclusive: nobody else uses the connection: if the task is cancelled it is given up, and the server stops.
    func run(_ statements: [SQL], settings: [Setting] = [], isExclusive: Bool = false) async throws -> [Rows] {
        for statement in statements where statement.parameters.count > Self.parameters {
            throw PostgresError(.invalidStatement, message: "\(statement.parameters.count) parameters, \(Self.parameters) at most")
        }
        let request = PipelineRequest(statements, settings: settings)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if request.arm(continuation) { submit(request) }
            }
        } onCancel: {
            request.cancel()
            // By then the request may be answered and the connection somebody else's: only its own work is stopped.
            if isExclusive { cancelAndAbort { $0.sent.contains { $0.request === request } } }
        }
    }

    private func submit(_ request: PipelineRequest) {
        let (closed, mustSchedule) = inbox.withLock { inbox -> (PostgresError?, Bool) in
            if let closed = inbox.closed { return (closed, false) }
            inbox.requests.append(request)
            defer { inbox.isDrainScheduled = true }
            return (nil, !inbox.isDrainScheduled)
        }
        if let closed { return request.finish(.failure(closed.unsent)) }
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
        // Weak: the last reference may go while an event is on its way.
        sources = EventSources(
            socket: unsafe PQsocket(established), queue: queue,
            onReadable: { [weak self] in self?.readable() }, onWritable: { [weak self] in self?.flush() })
        watchForSilence()
        return sources != nil
    }

    /// Gives the connection up when the server has said nothing for longer than the statements it works on may take. Also the
    /// second look at whether it has hung up, should the event of it have been lost.
    private func watchForSilence() {
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now() + .milliseconds(500), repeating: .milliseconds(500))
        timer.setEventHandler { [weak self] in
            guard let self else { return }
            if exclusive == nil { takeRest() }
            guard let silenceLimit, let oldest = sent.first else { return }
            // The server sends what it has at a unit's Sync: until then each of its statements may take its time.
            let limit = silenceLimit * max(1, oldest.commands.count) + .seconds(2)
            if ContinuousClock.now - silentSince > limit { fail(PostgresError(.statementTimeout, message: "no answer within \(limit)")) }
        }
        timer.resume()
        watch = timer
    }

    private func drain() {
        let requests = inbox.withLock { inbox in
            inbox.isDrainScheduled = false
            return exchange(&inbox.requests, with: [])
        }
        guard exclusive == nil else {
            load.subtract(requests.count, ordering: .relaxed)
            for request in requests { request.finish(.failure(PostgresError(.connection, message: "the connection is busy"))) }
            return
        }
        unsent.append(contentsOf: requests)
        sendWaiting()
    }

    /// Sends what waits, as far as the wire may hold.
    private func sendWaiting() {
        guard let pointer = unsafe pointer, exclusive == nil else { return }
        if sent.isEmpty { silentSince = .now }
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
        let key = StatementCache.Key(statement)
        if let name = statements.name(for: key) {
            commands.append(.statement)
            return unsafe statement.send(prepared: name, on: pointer)
        }
        let (name, evicted) = statements.insert(key)
        if let evicted {
            commands.append(.deallocation)
            guard unsafe SQL(unsafeRaw: "DEALLOCATE \(evicted)").sendUnnamed(on: pointer) else { return false }
        }
        commands += [.preparation(key), .statement]
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
        takeInput()
        if sources?.mayHaveHungUp == true { takeRest() }
    }

    /// Takes what the server said before it hung up, if it has: the end of it ends the connection.
    func takeRest() {
        while let sources, sources.hasHungUp { takeInput() }
    }

    private func takeInput() {
        guard let pointer = unsafe pointer else { return }
        silentSince = .now
        guard unsafe PQconsumeInput(pointer) == 1 else { return fail(unsafe .connection(pointer)) }
        if unsafe PQflush(pointer) < 0 { return fail(unsafe .connection(pointer)) }
        if let exclusive { unsafe exclusive.readable(pointer, on: self) } else { unsafe collectResults(pointer) }
        // Whatever was read may have ended the connection.
        if unsafe self.pointer == nil { return }
        unsafe deliverNotifications(pointer)
        if !unsent.isEmpty { sendWaiting() }
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
            case PGRES_PIPELINE_SYNC: unsafe complete(sent.removeFirst(), on: pointer)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: return fail(.copyRefused)
            default: sent[0].fail(unsafe PostgresError(result))
            }
            if unsafe PQstatus(pointer) == CONNECTION_BAD { return fail(unsafe .connection(pointer)) }
        }
    }

    private func complete(_ unit: SentUnit, on pointer: OpaquePointer) {
        for key in unit.unprepared { statements.remove(key) }
        if unit.isStale {
            for statement in unit.request.statements { statements.remove(StatementCache.Key(statement)) }
            // In an explicit transaction there is nothing left to repeat it in.
            let status = unsafe PQtransactionStatus(pointer)
            if status != PQTRANS_INERROR, status != PQTRANS_INTRANS, unit.request.claimRetry() { return unsent.append(unit.request) }
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
        for request in requests { request.finish(.failure(error.unsent)) }
        exchange(&exclusive, with: nil)?.fail(error)
        watch?.cancel()
        watch = nil
        sources?.cancel()
        sources = nil
        unsafe PQfinish(pointer)
        unsafe pointer = nil
        for handler in exchange(&onClose, with: []) { handler(error) }
    }
}
