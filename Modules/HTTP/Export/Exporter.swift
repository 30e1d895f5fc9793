package import Domain
import FoundationEssentials
import HTTPTypes
package import Hummingbird
import Logging
import NIOCore
import Synchronization

/// Writes whole lists as they are read: a page is asked for when the one before it is out, so that an export takes the memory of a page
/// however long it is, and the database waits for a slow reader.
///
/// The length isn't known beforehand, so the body is chunked. Where a page can't be read any more the connection is closed without the
/// last chunk: no client takes what came for the whole (RFC 9112 §8).
package struct Exporter: Sendable {
    private let patience: Duration
    private let now: Now

    /// Items that are read at a time.
    package static let step = 500
    /// Bytes that are written at a time.
    private static let chunk = 32 * 1024

    /// - Parameter patience: how long a client may take for the next 32 KiB before the connection is closed.
    package init(patience: Duration, now: @escaping Now) {
        self.patience = patience
        self.now = now
    }

    /// The response to `call`, in the format it accepts, as a file called after `name` and the day.
    ///
    /// The first page is read before there is a response, so that what can't be read at all is refused as usual.
    package func response<Item, Row: ExportRow>(
        to call: Call, named name: String, _ page: @escaping @Sendable (PageRequest) async throws -> Page<Item>,
        row: @escaping @Sendable (Item) -> Row
    ) async throws -> Response {
        let format = ExportFormat(accept: call.request.headers[.accept])
        let first = try await page(PageRequest(.number(1), limit: Self.step))
        let headers: HTTPFields = [
            .contentType: format.contentType,
            .contentDisposition: "attachment; filename=\"\(name)-\(RFC3339.format(now()).prefix(10)).\(format.suffix)\"",
            .vary: "Accept",
        ]
        let (patience, context) = (patience, call.context)
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                do {
                    try await Stall.guarding(context.channel, patience) { stall in
                        var (current, buffer) = (first, ByteBuffer())
                        if format == .csv { CSV.append(Row.columns, to: &buffer) }
                        while true {
                            for item in current.items {
                                try format.append(row(item), to: &buffer)
                                if buffer.readableBytes >= Self.chunk { try await stall.watching { try await writer.write(buffer.taken()) } }
                            }
                            guard let next = current.next else { break }
                            current = try await page(PageRequest(.after(next), limit: Self.step))
                        }
                        try await stall.watching {
                            if buffer.readableBytes > 0 { try await writer.write(buffer) }
                            try await writer.finish(nil)
                        }
                    }
                } catch {
                    context.logger.error(
                        "an export broke off",
                        metadata: [
                            "requestId": "\(context.scope.id.lowercased)", "route": "\(context.route)", "error": "\(String(reflecting: error))",
                        ])
                    throw error
                }
            })
    }
}

extension ExportFormat {
    fileprivate func append(_ row: some ExportRow, to buffer: inout ByteBuffer) throws {
        switch self {
        case .csv: CSV.append(row.cells, to: &buffer)
        case .ndjson:
            buffer.writeBytes(try Self.encoder.encode(row))
            buffer.writeInteger(UInt8(ascii: "\n"))
        }
    }

    /// Members in one order, so that lines of two files can be compared.
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return encoder
    }()
}

extension ByteBuffer {
    /// What is in it; it is empty afterwards.
    fileprivate mutating func taken() -> ByteBuffer {
        let taken = self
        self = ByteBuffer()
        return taken
    }
}

/// Since when a write waits for its client.
private final class Stall: Sendable {
    private let since = Mutex<ContinuousClock.Instant?>(nil)

    /// Runs `body`; the connection is closed when a write that it watches has waited for longer than `patience`, and the write fails.
    static func guarding(_ channel: any Channel, _ patience: Duration, _ body: (Stall) async throws -> Void) async throws {
        let stall = Stall()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: patience / 4)
                    guard let since = stall.since.withLock(\.self), ContinuousClock.now - since > patience else { continue }
                    return channel.close(promise: nil)
                }
            }
            defer { group.cancelAll() }
            try await body(stall)
        }
    }

    func watching(_ write: () async throws -> Void) async throws {
        since.withLock { $0 = .now }
        defer { since.withLock { $0 = nil } }
        try await write()
    }
}
