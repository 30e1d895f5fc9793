import Foundation
import Mail

extension MailMessage {
    /// A message like any other.
    static func sample(
        from: MailAddress? = nil, to: MailAddress? = nil, subject: String = "Confirm your address", text: String = "Hello.\n", id: UUID = UUID(),
        date: Date = Date(timeIntervalSince1970: 784_111_777)
    ) throws -> MailMessage {
        MailMessage(
            from: try from ?? MailAddress(name: "Tessera", address: "no-reply@tessera.test"),
            to: try to ?? MailAddress(address: "reader@example.com"),
            subject: subject, text: text, id: id, date: date)
    }
}

extension SMTPTransport {
    init(_ url: String) throws { try self.init(SMTPConfiguration(url: url)) }
}
