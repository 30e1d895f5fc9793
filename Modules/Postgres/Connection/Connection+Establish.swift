import CLibPQ
import Dispatch
import Glibc
import Logging

extension Connection {
    /// Connects without blocking. Throws ``PostgresError`` when refused, or not done within the configuration's `connectTimeout`.
    static func establish(
        _ configuration: ConnectionConfiguration, logger: Logger, silenceLimit: Duration? = nil,
        onNotification: (@Sendable (String, String) -> Void)? = nil
    ) async throws -> Connection {
        let keywords = try configuration.keywords()
        let connection = Connection(configuration, logger: logger, silenceLimit: silenceLimit ?? configuration.statementTimeout)
        let attempt = ConnectAttempt(queue: connection.queue, deadline: configuration.connectTimeout)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                attempt.start(keywords) { result in
                    switch result {
                    case .failure(let error): continuation.resume(throwing: error)
                    case .success(let established):
                        guard unsafe connection.start(established.pointer, onNotification: onNotification) else {
                            return continuation.resume(throwing: unsafe PostgresError.connection(established.pointer))
                        }
                        continuation.resume()
                    }
                }
            }
        } onCancel: {
            attempt.cancel()
        }
        return connection
    }
}

/// A pointer on its way from the attempt to the connection, on one queue.
@safe struct EstablishedPointer {
    let pointer: OpaquePointer
}

/// `PQconnectStart` and `PQconnectPoll`, driven by the readiness of whatever socket libpq uses at the moment: it may try
/// several hosts, and each has its own.
///
/// `@unchecked Sendable`: its state is touched on `queue` only.
@safe final class ConnectAttempt: @unchecked Sendable {
    private let queue: DispatchQueue
    private let deadline: Duration
    private var pointer: OpaquePointer?
    private var sources: EventSources?
    private var completion: ((Result<EstablishedPointer, PostgresError>) -> Void)?
    private var isCancelled = false

    init(queue: DispatchQueue, deadline: Duration) {
        self.queue = queue
        self.deadline = deadline
    }

    func start(_ keywords: [String: String], completion: @escaping @Sendable (Result<EstablishedPointer, PostgresError>) -> Void) {
        queue.async { [self] in
            self.completion = completion
            if isCancelled { return fail(PostgresError(.connection, message: "cancelled")) }
            unsafe pointer = Self.startConnecting(keywords)
            guard let pointer = unsafe pointer, unsafe PQstatus(pointer) != CONNECTION_BAD else { return fail() }
            // Nothing of the server's chatter goes to this process's standard error.
            unsafe PQsetNoticeProcessor(pointer, { _, _ in }, nil)
            queue.asyncAfter(deadline: .now() + .milliseconds(Int(deadline.wholeMilliseconds))) { [weak self] in
                self?.fail(PostgresError(.connection, message: "no connection within \(self?.deadline ?? .zero)"))
            }
            watch(reading: false)
        }
    }

    func cancel() {
        queue.async {
            self.isCancelled = true
            self.fail(PostgresError(.connection, message: "cancelled"))
        }
    }

    private func poll() {
        guard let pointer = unsafe pointer, completion != nil else { return }
        switch unsafe PQconnectPoll(pointer) {
        case PGRES_POLLING_READING: watch(reading: true)
        case PGRES_POLLING_WRITING: watch(reading: false)
        case PGRES_POLLING_OK: finish(.success(unsafe EstablishedPointer(pointer: pointer)))
        default: fail()
        }
    }

    /// Waits anew for the socket of this moment.
    private func watch(reading: Bool) {
        sources?.cancel()
        sources = unsafe EventSources(
            socket: PQsocket(pointer), queue: queue, onReadable: { [weak self] in self?.poll() }, onWritable: { [weak self] in self?.poll() })
        guard let sources else { return fail(PostgresError(.connection, message: "no socket")) }
        sources.setReading(reading)
        sources.setWriting(!reading)
    }

    private func fail(_ error: PostgresError? = nil) {
        guard completion != nil else { return }
        let error = unsafe error ?? .connection(pointer)
        unsafe PQfinish(pointer)
        finish(.failure(error))
    }

    private func finish(_ result: Result<EstablishedPointer, PostgresError>) {
        sources?.cancel()
        sources = nil
        unsafe pointer = nil
        exchange(&completion, with: nil)?(result)
    }

    private static func startConnecting(_ keywords: [String: String]) -> OpaquePointer? {
        let names = unsafe keywords.map { unsafe strdup($0.key) }
        let values = unsafe keywords.map { unsafe strdup($0.value) }
        defer { unsafe (names + values).forEach { unsafe free($0) } }
        return unsafe PQconnectStartParams(names.map { unsafe UnsafePointer($0) } + [nil], values.map { unsafe UnsafePointer($0) } + [nil], 0)
    }
}
