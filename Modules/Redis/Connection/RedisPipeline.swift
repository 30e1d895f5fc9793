import NIOCore

/// Gives each answer to whoever asked first among those who wait, since a server answers in order. On one event loop.
///
/// What was asked within one turn of the loop is sent at once. Whoever isn't answered in time ends the connection: behind a question
/// that hangs all the others do too, and an answer that is late must not be taken for another's.
final class RedisPipeline: ChannelInboundHandler {
    typealias InboundIn = RESPValue

    private struct Waiting {
        let promise: EventLoopPromise<RESPValue>
        let deadline: NIODeadline
    }

    private var waiting = CircularBuffer<Waiting>()
    private var context: ChannelHandlerContext?
    private var isFlushComing = false
    private var hasAlarm = false
    /// Why the connection ended, once it has.
    private(set) var failure = RedisError.closed
    /// How long an answer may take.
    var timeout: TimeAmount

    init(timeout: TimeAmount) { self.timeout = timeout }

    func send(_ command: RedisCommand, _ promise: EventLoopPromise<RESPValue>) {
        guard let context, context.channel.isActive else { return promise.fail(RedisError.closed) }
        waiting.append(Waiting(promise: promise, deadline: .now() + timeout))
        context.write(NIOAny(command.bytes), promise: nil)
        if !isFlushComing {
            isFlushComing = true
            context.eventLoop.assumeIsolated().execute {
                self.isFlushComing = false
                self.context?.flush()
            }
        }
        setAlarm(context)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        failAll(failure)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let first = waiting.popFirst() else { return end(context, .unintelligible) }
        first.promise.succeed(unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
        failAll(failure)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(context, error as? RedisError ?? .broken("\(error)")) }

    private func end(_ context: ChannelHandlerContext, _ error: RedisError) {
        failure = error
        failAll(error)
        context.close(promise: nil)
    }

    private func failAll(_ error: RedisError) {
        while let next = waiting.popFirst() { next.promise.fail(error) }
    }

    /// One alarm at most, for whoever has waited longest.
    private func setAlarm(_ context: ChannelHandlerContext) {
        guard !hasAlarm, let first = waiting.first else { return }
        hasAlarm = true
        context.eventLoop.assumeIsolated().scheduleTask(deadline: first.deadline) {
            self.hasAlarm = false
            guard let context = self.context, let first = self.waiting.first else { return }
            if first.deadline <= .now() { self.end(context, .timedOut) } else { self.setAlarm(context) }
        }
    }
}
