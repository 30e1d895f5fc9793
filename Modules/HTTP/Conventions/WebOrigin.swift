/// The origin of a page (RFC 6454 §6.2), exactly as a browser sends it: `https://app.example.com`, or with a port that isn't the scheme's own.
package struct WebOrigin: Hashable, Sendable {
    package let text: String

    /// nil for whatever a browser would never send: with a path or a slash at the end, in capitals, a wildcard, `null`, the standard port.
    package init?(_ text: String) {
        guard let scheme = ["https", "http"].first(where: { text.hasPrefix($0 + "://") }) else { return nil }
        let authority = text.utf8.dropFirst(scheme.utf8.count + 3)
        let host: Substring.UTF8View
        let port: Substring.UTF8View?
        if let mark = authority.lastIndex(of: UInt8(ascii: ":")), authority.last != UInt8(ascii: "]") {
            (host, port) = (authority[..<mark], authority[authority.index(after: mark)...])
        } else {
            (host, port) = (authority, nil)
        }
        guard !host.isEmpty, host.allSatisfy(Self.isOfHost), port.map({ Self.isPort($0, of: scheme) }) ?? true else { return nil }
        self.text = text
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 97...122, 45, 46, 58, 91, 93: true
        default: false
        }
    }

    private static func isPort(_ text: Substring.UTF8View, of scheme: String) -> Bool {
        guard text.first != UInt8(ascii: "0"), let port = UInt16(Substring(text)) else { return false }
        return port != (scheme == "https" ? 443 : 80)
    }
}
