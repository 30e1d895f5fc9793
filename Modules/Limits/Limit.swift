/// So many requests in so many seconds: all of them at once if none came before, then one every `window / requests`.
package struct Limit: Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    package let requests: Int
    /// Seconds, from 1.
    package let window: Int

    package init?(requests: Int, window: Int) {
        guard (1...1_000_000_000).contains(requests), (1...31_536_000).contains(window) else { return nil }
        self.requests = requests
        self.window = window
    }

    /// `600/60`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let requests = Int(parts[0]), let window = Int(parts[1]) else { return nil }
        self.init(requests: requests, window: window)
    }

    package var description: String { "\(requests)/\(window)" }
}
