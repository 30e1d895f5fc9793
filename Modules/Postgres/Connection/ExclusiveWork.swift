import CLibPQ
import Synchronization

/// Work that has a connection to itself while it lasts. Confined to the connection's queue.
protocol ExclusiveWork: AnyObject {
    /// There may be results to take.
    func readable(_ pointer: OpaquePointer, on connection: Connection)
    /// The connection is gone.
    func fail(_ error: PostgresError)
}

extension Connection {
    /// Runs `begin` on the queue if nothing else is going on, and makes its work the connection's.
    func beginExclusive(_ work: any ExclusiveWork, _ begin: (OpaquePointer) -> Bool) {
        guard let pointer = unsafe pointer, exclusive == nil, sent.isEmpty, unsent.isEmpty else {
            return work.fail(PostgresError(.connection, message: "the connection is busy or closed"))
        }
        guard unsafe begin(pointer) else { return work.fail(unsafe .connection(pointer)) }
        exclusive = work
        flush()
    }

    /// Runs `body`; if the task is cancelled meanwhile, the work that `box` carries is stopped on the server, the connection is
    /// given up, and `CancellationError` is thrown.
    func whileCancellable<Work: ExclusiveWork & SendableMetatype>(_ box: ExclusiveBox<Work>, _ body: () async throws -> Void) async throws {
        do {
            try await withTaskCancellationHandler {
                try await body()
            } onCancel: {
                box.cancel()
                cancelAndAbort { connection in connection.exclusive.map { $0 === box.work } ?? false }
            }
        } catch  where box.isCancelled {
            throw CancellationError()
        }
    }
}

/// Carries exclusive work to the connection's queue.
///
/// `@unchecked Sendable`: `work` is touched on that queue only.
final class ExclusiveBox<Work: ExclusiveWork & SendableMetatype>: @unchecked Sendable {
    let work: Work
    private let cancelled = Atomic(false)

    init(_ work: Work) { self.work = work }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }
}
