import CLibPQ
import Dispatch

/// A result read in batches as its reader asks for them: between two, the socket is not read, so that a slow reader holds up
/// the server instead of filling this process.
final class RowStream: ExclusiveWork {
    private let batchSize: Int
    fileprivate var hasBegun = false
    private var batch: [Row] = []
    private var isEnded = false
    private var failure: PostgresError?
    private var reader: CheckedContinuation<[Row], any Error>?

    init(batchSize: Int) { self.batchSize = batchSize }

    /// Waits for the next batch on behalf of `reader`; empty is the end.
    func ask(_ reader: CheckedContinuation<[Row], any Error>, on connection: Connection) {
        self.reader = reader
        // It may have happened while the socket wasn't read.
        connection.takeRest()
        guard failure == nil, let pointer = unsafe connection.pointer else { return fail(failure ?? PostgresError(.connection)) }
        unsafe readable(pointer, on: connection)
    }

    func readable(_ pointer: OpaquePointer, on connection: Connection) {
        while reader != nil, batch.count < batchSize, !isEnded, unsafe PQisBusy(pointer) == 0 {
            guard let result = unsafe PQgetResult(pointer) else {
                if unsafe PQstatus(pointer) == CONNECTION_BAD { return connection.fail(unsafe failure ?? .connection(pointer)) }
                continue
            }
            let handle = unsafe ResultHandle(result)
            switch unsafe PQresultStatus(handle.pointer) {
            case PGRES_SINGLE_TUPLE: batch.append(Row(handle: handle, index: 0))
            case PGRES_PIPELINE_SYNC: isEnded = true
            case PGRES_FATAL_ERROR: failure = unsafe failure ?? PostgresError(handle.pointer)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: return connection.fail(.copyRefused)
            default: break
            }
        }
        if isEnded { connection.exclusive = nil }
        if isEnded || batch.count == batchSize { deliver() }
        connection.sources?.setReading(reader != nil || isEnded)
    }

    func fail(_ error: PostgresError) {
        failure = failure ?? error
        isEnded = true
        deliver()
    }

    private func deliver() {
        guard let reader = exchange(&reader, with: nil) else { return }
        if let failure { reader.resume(throwing: failure) } else { reader.resume(returning: exchange(&batch, with: [])) }
    }
}

extension Connection {
    /// Hands the rows of `statement` to `body`, at most `batchSize` at a time; the next are read when it returns.
    /// The connection must have nothing else in flight. If `body` throws in the middle, the connection is given up.
    func stream(_ statement: SQL, batchSize: Int, _ body: ([Row]) async throws -> Void) async throws {
        let box = ExclusiveBox(RowStream(batchSize: batchSize))
        try await whileCancellable(box) {
            do {
                while true {
                    let batch = try await withCheckedThrowingContinuation { continuation in
                        queue.async { self.next(of: box, statement, continuation) }
                    }
                    if batch.isEmpty { return }
                    try await body(batch)
                }
            } catch {
                queue.async {
                    if self.exclusive === box.work { self.fail(PostgresError(.connection, message: "a stream was left in the middle")) }
                }
                throw error
            }
        }
    }

    private func next(of box: ExclusiveBox<RowStream>, _ statement: SQL, _ reader: CheckedContinuation<[Row], any Error>) {
        if box.isCancelled { return reader.resume(throwing: CancellationError()) }
        if !box.work.hasBegun {
            box.work.hasBegun = true
            unsafe beginExclusive(box.work) { pointer in
                unsafe statement.sendUnnamed(on: pointer) && PQsetSingleRowMode(pointer) == 1 && PQpipelineSync(pointer) == 1
            }
        }
        box.work.ask(reader, on: self)
    }
}
