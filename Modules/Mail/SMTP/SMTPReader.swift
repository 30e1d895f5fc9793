import NIOCore

/// Reads replies, and no more of them than a server can have reason to send.
struct SMTPReader {
    private var arrivals: NIOAsyncChannelInboundStream<SMTPArrival>.AsyncIterator
    private var pending = ByteBuffer()
    /// Bytes that the server may still send in this conversation.
    private var allowance = 65_536
    /// Bytes of a line, without its end; twice what RFC 5321 §4.5.3.1.5 allows.
    private static let lineLength = 1000

    /// What the stream has when it has no more.
    struct Ended: Error {}
    /// What came is no reply.
    struct Unintelligible: Error {
        let reason: String
    }
    /// Bytes in the clear where the handshake should have been.
    struct Injected: Error {}

    init(_ inbound: NIOAsyncChannelInboundStream<SMTPArrival>) { arrivals = inbound.makeAsyncIterator() }

    /// The next reply, all its lines.
    mutating func reply() async throws -> SMTPReply {
        var lines: [String] = []
        var code: Int?
        while true {
            guard let line = SMTPReply.Line(try await line()) else { throw Unintelligible(reason: "not a reply") }
            guard line.code == code ?? line.code else { throw Unintelligible(reason: "two codes in one reply") }
            code = line.code
            lines.append(line.text)
            if line.isLast { return SMTPReply(code: line.code, lines: lines) }
        }
    }

    /// Waits for the end of the TLS handshake; throws ``Injected`` if anything came before it.
    mutating func handshake() async throws {
        guard pending.readableBytes == 0, case .secured = try await next() else { throw Injected() }
    }

    private mutating func line() async throws -> [UInt8] {
        while true {
            let view = pending.readableBytesView
            if let end = view.firstIndex(of: UInt8(ascii: "\n")) {
                var line = Array(view[..<end])
                pending.moveReaderIndex(forwardBy: line.count + 1)
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                guard line.count <= Self.lineLength else { throw Unintelligible(reason: "a line longer than \(Self.lineLength) bytes") }
                return line
            }
            guard view.count <= Self.lineLength else { throw Unintelligible(reason: "a line longer than \(Self.lineLength) bytes") }
            guard case .bytes(var bytes) = try await next() else { throw Unintelligible(reason: "a second handshake") }
            allowance -= bytes.readableBytes
            guard allowance >= 0 else { throw Unintelligible(reason: "more than 64 KiB of replies") }
            pending.discardReadBytes()
            pending.writeBuffer(&bytes)
        }
    }

    private mutating func next() async throws -> SMTPArrival {
        guard let arrival = try await arrivals.next(isolation: #isolation) else { throw Ended() }
        return arrival
    }
}
