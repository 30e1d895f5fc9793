import Hummingbird

/// A caller's own `X-Request-Id`: logged beside ours, if it is too plain to forge a log line with.
struct ClientRequestID {
    let text: String

    init?(_ request: Request) {
        guard let text = request.headers[.xRequestID], (8...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 95: true
        default: false
        }
    }
}
