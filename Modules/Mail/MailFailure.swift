/// Why a message wasn't sent.
///
/// Its description is for the log: there is no password in it. What a server said may name the recipient.
package enum MailFailure: Error, Hashable {
    /// An address that no command or header may carry. The reason doesn't quote it.
    case malformedAddress(String)
    /// An address isn't ASCII, and the server doesn't offer SMTPUTF8 (RFC 6531).
    case needsSMTPUTF8
    /// The server said no.
    case refused(SMTPStep, SMTPReply)
    /// No connection came about.
    case unreachable(String)
    /// The conversation could not be secured, or not be trusted.
    case insecure(String)
    /// The server doesn't speak SMTP as we know it.
    case unintelligible(SMTPStep, String)
    /// The server hung up, or the network failed.
    case connectionLost(SMTPStep)
    /// The conversation took longer than ``SMTPConfiguration/timeout``; this is how far it came.
    case timedOut(SMTPStep)
    /// The file could not be written.
    case unwritable(String)

    /// Whether another attempt is pointless. That is so for what a server refuses with 5yz once it is about this message; a 5yz
    /// before that, such as for a wrong password, is a fault of the configuration, which somebody will mend.
    package var isPermanent: Bool {
        switch self {
        case .malformedAddress, .needsSMTPUTF8: true
        // 530 is about who we are (RFC 3207 §4, RFC 4954 §6), whatever it answers.
        case .refused(let step, let reply): (500...599).contains(reply.code) && reply.code != 530 && step.isAboutMessage
        case .unreachable, .insecure, .unintelligible, .connectionLost, .timedOut, .unwritable: false
        }
    }
}

extension MailFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedAddress(let reason): "not a mail address: \(reason)"
        case .needsSMTPUTF8: "the address is not ASCII and the server does not offer SMTPUTF8"
        case .refused(let step, let reply): "the server refused at \(step): \(reply)"
        case .unreachable(let reason): "the server cannot be reached: \(reason)"
        case .insecure(let reason): "the connection is not secure: \(reason)"
        case .unintelligible(let step, let reason): "the server broke the protocol at \(step): \(reason)"
        case .connectionLost(let step): "the connection was lost at \(step)"
        case .timedOut(let step): "out of time at \(step)"
        case .unwritable(let reason): "the message cannot be written: \(reason)"
        }
    }
}
