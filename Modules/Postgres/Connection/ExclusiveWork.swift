import CLibPQ

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
}
