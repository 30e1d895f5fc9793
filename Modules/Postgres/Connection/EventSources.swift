import Dispatch
import Glibc

/// Read and write readiness of a connection's socket, delivered on its queue.
///
/// Watches a duplicate of the descriptor, so that libpq may close or replace its own at any time. Confined to the queue.
final class EventSources {
    private let read: any DispatchSourceRead
    private let write: any DispatchSourceWrite
    private let descriptor: Int32
    private var isReading = true
    private var isWriting = false

    /// - Parameter socket: what `PQsocket` says at this moment; nil is returned if it can't be duplicated.
    init?(socket: Int32, queue: DispatchQueue, onReadable: @escaping () -> Void, onWritable: @escaping () -> Void) {
        // Closed on exec, as libpq's own is: a child process would keep the connection open behind our back.
        let reading = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        let writing = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard reading >= 0, writing >= 0 else {
            for descriptor in [reading, writing] where descriptor >= 0 { _ = close(descriptor) }
            return nil
        }
        descriptor = reading
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

    /// Whether the other side has hung up. libdispatch tells of that once and then watches no longer (`EPOLLHUP`, SR-9033): who
    /// hears of it must read to the end, since nobody will say again that there is something.
    var hasHungUp: Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&state, 1, 0) == 1 && state.revents & Int16(POLLHUP | POLLERR) != 0
    }

    /// Whether the event being handled may be a hang-up: it has no bytes to announce.
    var mayHaveHungUp: Bool { read.data == 0 }

    /// A suspended source must be resumed before it may go.
    func cancel() {
        setReading(true)
        setWriting(true)
        read.cancel()
        write.cancel()
    }
}
