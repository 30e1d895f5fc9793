package import FoundationEssentials

/// The mails that wait to be sent.
package protocol Outbox: Sendable {
    /// Takes up to `limit` mails that are due and nobody else has, for as long as `lease`, in seconds.
    func take(_ limit: Int, lease: TimeInterval, at now: Date) async throws -> [QueuedMail]

    /// Stores `secret` for `mail`, if what it is about still stands; nil if it doesn't, and the mail is pointless.
    func issue(_ secret: OneTimeSecret, for mail: OutgoingMail, at now: Date) async throws -> MailContext?

    /// The mail is done with: sent, or pointless.
    func finish(_ mail: OutgoingMail, at now: Date) async throws

    /// The mail could not be sent. It is tried again at `retry`, or given up.
    func fail(_ mail: OutgoingMail, reason: String, retry: Date?) async throws
}

/// A mail and how often it was tried before.
package struct QueuedMail: Sendable {
    package let mail: OutgoingMail
    package let attempts: Int

    package init(mail: OutgoingMail, attempts: Int) {
        self.mail = mail
        self.attempts = attempts
    }
}

/// What only the database knows about a mail's cause.
package struct MailContext: Sendable {
    /// The person's name, where they are known.
    package let greeting: String?
    /// The tenant that invites.
    package let tenantName: String?

    package init(greeting: String?, tenantName: String?) {
        self.greeting = greeting
        self.tenantName = tenantName
    }
}

/// Sends what it is given: by SMTP, or into a folder.
package protocol Mailer: Sendable {
    /// Throws ``MailUndeliverable`` if trying again is of no use, anything else otherwise.
    func send(_ letter: Letter) async throws
}

/// A mail in full, with its secret if it has one. It is never stored.
package struct Letter: Sendable {
    /// Stable across attempts.
    package let id: UUID
    package let recipient: String
    package let subject: String
    package let text: String
    package let date: Date

    package init(id: UUID, recipient: String, subject: String, text: String, date: Date) {
        self.id = id
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.date = date
    }
}

/// The server refuses a letter for good.
package struct MailUndeliverable: Error {
    /// For the log: no secret, no password.
    package let reason: String

    package init(reason: String) { self.reason = reason }
}
