import CLibPQ
import Dispatch

/// A result read in batches as its reader asks for them: between two, the socket is not read, so that a slow reader holds up
/// the server instead of filling this process.
final class RowStream: ExclusiveWork {
    private let batchSize: Int
    private var batch: [Row] = []
    private var isEnded = false
    private var failure: PostgresError?
    private var reader: CheckedContinuation<[Row], any Error>?

    init(batchSize: Int) { self.batchSize = batchSize }

    /// Waits for the next batch on behalf of `reader`; empty is the end.
    func ask(_ reader: CheckedContinuation<[Row], any Error>, on connection: Connection) {
        self.reader = reader
        guard failure == nil, let pointer = unsafe connection.pointer else { return fail(failure ?? PostgresError(.connection)) }
        unsafe readable(pointer, on: connection)
    }

    func readable(_ pointer: OpaquePointer, on connection: Connection) {
        while reader != nil, batch.count < batchSize, !isEnded, unsafe PQisBusy(pointer) == 0 {
            guard let result = unsafe PQgetResult(pointer) else { continue }
            let handle = unsafe ResultHandle(result)
            switch unsafe PQresultStatus(handle.pointer) {
            case PGRES_SINGLE_TUPLE: batch.append(Row(handle: handle, index: 0))
            case PGRES_PIPELINE_SYNC: isEnded = true
            case PGRES_FATAL_ERROR: failure = unsafe failure ?? PostgresError(handle.pointer)
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
    /// The connection must have nothing else in flight. If `body` throws, the connection is given up.
    func stream(_ statement: SQL, batchSize: Int, _ body: ([Row]) async throws -> Void) async throws {
        let stream = StreamBox(RowStream(batchSize: batchSize))
        do {
            while true {
                let batch = try await withCheckedThrowingContinuation { continuation in
                    queue.async { self.next(of: stream, statement, continuation) }
                }
                if batch.isEmpty { return }
                try await body(batch)
            }
        } catch {
            abort(PostgresError(.connection, message: "a stream was left in the middle"))
            throw error
        }
    }

    private func next(of box: StreamBox, _ statement: SQL, _ reader: CheckedContinuation<[Row], any Error>) {
        if !box.hasBegun {
            box.hasBegun = true
            unsafe beginExclusive(box.stream) { pointer in
                unsafe statement.sendUnnamed(on: pointer) && PQsetSingleRowMode(pointer) == 1 && PQpipelineSync(pointer) == 1
            }
        }
        box.stream.ask(reader, on: self)
    }
}

/// Carries a stream to the connection's queue again and again.
///
/// `@unchecked Sendable`: its contents are touched on that queue only.
private final class StreamBox: @unchecked Sendable {
    let stream: RowStream
    var hasBegun = false

    init(_ stream: RowStream) { self.stream = stream }
}
