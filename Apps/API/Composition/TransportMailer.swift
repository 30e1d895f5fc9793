import Auth
import Domain
import Logging
import Mail

/// The domain's mailer over a transport of ``Mail``.
struct TransportMailer: Mailer {
    private let transport: any MailTransport
    private let from: MailAddress
    private let mailbox: MailboxTransport?
    private let logger: Logger

    /// Throws where the certificates for the mail server can't be read.
    init(_ settings: MailSettings, logger: Logger) throws {
        from = settings.from
        self.logger = logger
        if let smtp = settings.smtp {
            transport = try SMTPTransport(smtp)
            mailbox = nil
        } else {
            let folder = MailboxTransport(directory: settings.directory)
            (transport, mailbox) = (folder, folder)
        }
    }

    func send(_ letter: Letter) async throws {
        guard let recipient = try? MailAddress(address: letter.recipient) else { throw MailUndeliverable(reason: "the address can't be written to") }
        let message = MailMessage(from: from, to: recipient, subject: letter.subject, text: letter.text, id: letter.id, date: letter.date)
        do {
            try await transport.send(message)
        } catch let failure as MailFailure where failure.isPermanent {
            throw MailUndeliverable(reason: failure.description)
        }
        // The file's name, never what is in it.
        if let mailbox { logger.notice("mail written to a file, since there is no smtp.url", metadata: ["file": "\(mailbox.path(of: message))"]) }
    }
}
