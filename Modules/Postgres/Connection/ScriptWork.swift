import CLibPQ
import Dispatch

/// Several statements in one text, by the simple protocol: for migrations. Pipeline mode is left for as long as it takes.
final class ScriptWork: ExclusiveWork {
    fileprivate var continuation: CheckedContinuation<Void, any Error>?
    private var failure: PostgresError?

    func readable(_ pointer: OpaquePointer, on connection: Connection) {
        while unsafe PQisBusy(pointer) == 0 {
            guard let result = unsafe PQgetResult(pointer) else {
                connection.exclusive = nil
                if unsafe PQenterPipelineMode(pointer) == 0 { return connection.fail(unsafe .connection(pointer)) }
                return finish()
            }
            let handle = unsafe ResultHandle(result)
            switch unsafe PQresultStatus(handle.pointer) {
            case PGRES_FATAL_ERROR: failure = unsafe failure ?? PostgresError(handle.pointer)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: return connection.fail(failure ?? .copyRefused)
            default: break
            }
            if unsafe PQstatus(pointer) == CONNECTION_BAD { return connection.fail(failure ?? PostgresError(.connection)) }
        }
    }

    func fail(_ error: PostgresError) {
        failure = failure ?? error
        finish()
    }

    private func finish() {
        let continuation = exchange(&continuation, with: nil)
        if let failure { continuation?.resume(throwing: failure) } else { continuation?.resume() }
    }
}

extension Connection {
    /// Runs every statement of `text`; without BEGIN in it they are one transaction.
    func script(_ text: String) async throws {
        let box = ExclusiveBox(ScriptWork())
        try await whileCancellable(box) {
            try await withCheckedThrowingContinuation { continuation in
                queue.async {
                    box.work.continuation = continuation
                    if box.isCancelled { return box.work.fail(PostgresError(.connection, message: "cancelled")) }
                    unsafe self.beginExclusive(box.work) { pointer in
                        unsafe PQexitPipelineMode(pointer) == 1 && PQsendQuery(pointer, text) == 1
                    }
                }
            }
        }
    }
}
