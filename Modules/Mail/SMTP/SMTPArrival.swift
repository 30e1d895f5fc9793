import NIOCore
import NIOTLS

/// What arrives from a server.
enum SMTPArrival: Sendable {
    case bytes(ByteBuffer)
    /// Whatever comes after this came encrypted, from the host we meant; what came before may be anybody's.
    case secured
}

/// Puts the end of the TLS handshake into the stream of bytes, in its place. The order is what a conversation can rely on to
/// notice bytes that someone slipped in before the handshake (CVE-2011-0411).
final class SMTPArrivalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = SMTPArrival

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(wrapInboundOut(.bytes(unwrapInboundIn(data))))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent {
            context.fireChannelRead(wrapInboundOut(.secured))
            context.fireChannelReadComplete()
        }
        context.fireUserInboundEventTriggered(event)
    }
}
