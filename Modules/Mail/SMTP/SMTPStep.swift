/// How far a conversation has come.
package enum SMTPStep: String, Sendable, CustomStringConvertible {
    case connect = "connecting"
    case handshake = "the TLS handshake"
    case greeting = "the greeting"
    case hello = "EHLO"
    case startTLS = "STARTTLS"
    case authentication = "AUTH"
    case sender = "MAIL"
    case recipient = "RCPT"
    case data = "DATA"
    case content = "the end of DATA"
    case quit = "QUIT"

    package var description: String { rawValue }

    /// Whether an answer is about the message rather than about us.
    var isAboutMessage: Bool {
        switch self {
        case .sender, .recipient, .data, .content: true
        case .connect, .handshake, .greeting, .hello, .startTLS, .authentication, .quit: false
        }
    }
}
