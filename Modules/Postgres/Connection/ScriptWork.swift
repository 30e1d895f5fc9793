import CLibPQ
import Dispatch

/// Several statements in one text, by the simple protocol: for migrations. Pipeline mode is left for as long as it takes.
final class ScriptWork: ExclusiveWork {
    private var continuation: CheckedContinuation<Void, any Error>?
    private var failure: PostgresError?

    init(_ continuation: CheckedContinuation<Void, any Error>) { self.continuation = continuation }

    func readable(_ pointer: OpaquePointer, on connection: Connection) {
        while unsafe PQisBusy(pointer) == 0 {
            guard let result = unsafe PQgetResult(pointer) else {
                connection.exclusive = nil
                if unsafe PQenterPipelineMode(pointer) == 0 { return connection.fail(unsafe .connection(pointer)) }
                return finish()
            }
            let handle = unsafe ResultHandle(result)
            if unsafe PQresultStatus(handle.pointer) == PGRES_FATAL_ERROR { failure = unsafe failure ?? PostgresError(handle.pointer) }
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
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                unsafe self.beginExclusive(ScriptWork(continuation)) { pointer in
                    unsafe PQexitPipelineMode(pointer) == 1 && PQsendQuery(pointer, text) == 1
                }
            }
        }
    }
}
