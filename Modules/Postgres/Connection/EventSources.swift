import Dispatch
import Glibc

/// Read and write readiness of a connection's socket, delivered on its queue.
///
/// Watches a duplicate of the descriptor, so that libpq may close or replace its own at any time. Confined to the queue.
final class EventSources {
    private let read: any DispatchSourceRead
    private let write: any DispatchSourceWrite
    private var isReading = true
    private var isWriting = false

    /// - Parameter socket: what `PQsocket` says at this moment; nil is returned if it can't be duplicated.
    init?(socket: Int32, queue: DispatchQueue, onReadable: @escaping () -> Void, onWritable: @escaping () -> Void) {
        let reading = dup(socket)
        let writing = dup(socket)
        guard reading >= 0, writing >= 0 else { return nil }
        read = DispatchSource.makeReadSource(fileDescriptor: reading, queue: queue)
        write = DispatchSource.makeWriteSource(fileDescriptor: writing, queue: queue)
        read.setEventHandler(handler: onReadable)
        write.setEventHandler(handler: onWritable)
        read.setCancelHandler { _ = close(reading) }
        write.setCancelHandler { _ = close(writing) }
        read.resume()
    }

    func setReading(_ wanted: Bool) {
        guard wanted != isReading else { return }
        isReading = wanted
        if wanted { read.resume() } else { read.suspend() }
    }

    func setWriting(_ wanted: Bool) {
        guard wanted != isWriting else { return }
        isWriting = wanted
        if wanted { write.resume() } else { write.suspend() }
    }

    /// A suspended source must be resumed before it may go.
    func cancel() {
        setReading(true)
        setWriting(true)
        read.cancel()
        write.cancel()
    }
}
