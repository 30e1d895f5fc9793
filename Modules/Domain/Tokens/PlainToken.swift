/// The whole secret string of a token or refresh token, on its way to the caller who may see it, once.
///
/// Prints as `PlainToken(redacted)` and can't be encoded: whoever hands it out says so by name.
package struct PlainToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The secret itself, for the one response that reveals it.
    package func reveal() -> String { text }

    package var description: String { "PlainToken(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
