/// Who we are to the server. The password prints as nothing.
package struct SMTPCredentials: Sendable {
    package let user: String
    let password: String
}

extension SMTPCredentials: CustomStringConvertible, CustomReflectable {
    package var description: String { "SMTPCredentials(redacted)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
