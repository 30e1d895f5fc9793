package import FoundationEssentials

/// A message of plain text for one recipient.
package struct MailMessage: Sendable {
    package let from: MailAddress
    package let to: MailAddress
    /// One line; control characters and runs of spaces become one space each.
    package let subject: String
    /// Any Unicode; lines end with LF, CRLF or CR.
    package let text: String
    /// Makes the Message-ID, by which a mailbox tells a second attempt from a second message: stable across attempts.
    package let id: UUID
    /// When it was written, to the second; years 1900 to 9999 (RFC 5322 §3.3), what lies outside is taken for the nearest of them.
    package let date: Date

    package init(from: MailAddress, to: MailAddress, subject: String, text: String, id: UUID, date: Date) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.id = id
        self.date = date
    }
}
