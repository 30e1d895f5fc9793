import NIOCore
import Synchronization

/// The channels of which one is to become the connection: a host may have several addresses. NIO doesn't heed cancellation while
/// it connects, so that closes them.
final class ConnectionAttempt: Sendable {
    private let state = Mutex(State())

    private struct State {
        var channels: [any Channel] = []
        var isCancelled = false
    }

    /// Throws if it's too late.
    func add(_ channel: any Channel) throws {
        try state.withLock { state in
            if state.isCancelled { throw CancellationError() }
            state.channels.append(channel)
        }
    }

    func cancel() {
        let channels = state.withLock { state in
            state.isCancelled = true
            return state.channels
        }
        for channel in channels { channel.close(promise: nil) }
    }
}
