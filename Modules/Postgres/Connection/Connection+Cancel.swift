import CLibPQ
import Dispatch

extension Connection {
    /// Asks the server to stop what it is doing, from a thread that may block (libpq 15 knows no other way), then closes;
    /// unless, when the queue comes to it, `isStillWanted` says otherwise.
    func cancelAndAbort(_ isStillWanted: @escaping @Sendable (Connection) -> Bool) {
        queue.async {
            guard let pointer = unsafe self.pointer, isStillWanted(self), let handle = unsafe PQgetCancel(pointer) else { return }
            let cancellation = unsafe Cancellation(handle: handle)
            DispatchQueue.global().async { cancellation.send() }
            self.fail(PostgresError(.connection, message: "cancelled"))
        }
    }
}

/// Owns a `PGcancel`. `@unchecked Sendable`: `PQcancel` may be called from any thread with it, and it is called once.
@safe private final class Cancellation: @unchecked Sendable {
    private let handle: OpaquePointer

    init(handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe PQfreeCancel(handle) }

    func send() {
        var reason = [CChar](repeating: 0, count: 256)
        _ = unsafe PQcancel(handle, &reason, 256)
    }
}
