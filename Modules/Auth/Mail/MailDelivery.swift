package import Domain
import FoundationEssentials
package import Logging
import ServiceLifecycle

/// Sends the mails of the outbox. A mail's secret is made here, when it is sent: its hash is stored, and the text leaves with the
/// mail; no row or dump ever holds it.
package struct MailDelivery: Service {
    private let outbox: any Outbox
    private let mailer: any Mailer
    private let composer: LetterComposer
    private let logger: Logger
    private let now: Now

    package init(outbox: any Outbox, mailer: any Mailer, composer: LetterComposer, logger: Logger, now: @escaping Now) {
        self.outbox = outbox
        self.mailer = mailer
        self.composer = composer
        self.logger = logger
        self.now = now
    }

    private static let batch = 20
    /// How long a node has a mail to itself, in seconds: longer than any conversation with a server may take.
    private static let lease: TimeInterval = 120
    private static let pause = Duration.milliseconds(500)
    private static let pauseAfterFailure = Duration.seconds(5)
    /// Seconds until the next attempt, after each failure; when there is no more, the mail is given up: after a day or so.
    private static let retries: [TimeInterval] = [10, 60, 300, 900, 3600, 7200, 14_400, 28_800, 28_800]

    package func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let pause: Duration
            do {
                if try await deliver() == Self.batch { continue }
                pause = Self.pause
            } catch {
                logger.warning("mails not delivered, trying again", metadata: ["error": "\(String(reflecting: error))"])
                pause = Self.pauseAfterFailure
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause * Double.random(in: 0.8...1.2)) }
        }
    }

    /// One round: sends what is due. Answers how many mails were taken.
    package func deliver() async throws -> Int {
        let mails = try await outbox.take(Self.batch, lease: Self.lease, at: now().microseconds)
        await withDiscardingTaskGroup { group in
            for mail in mails { group.addTask { await self.deliver(mail) } }
        }
        return mails.count
    }

    private func deliver(_ queued: QueuedMail) async {
        let mail = queued.mail
        do {
            if let letter = try await letter(for: mail) { try await mailer.send(letter) }
            try await outbox.finish(mail, at: now().microseconds)
        } catch let failure as MailUndeliverable {
            await giveBack(queued, failure.reason, retry: nil)
        } catch {
            let delay = queued.attempts < Self.retries.count ? Self.retries[queued.attempts] : nil
            await giveBack(queued, String(reflecting: error), retry: delay.map { now().microseconds + $0 })
        }
    }

    /// nil: what the mail is about no longer stands.
    private func letter(for mail: OutgoingMail) async throws -> Letter? {
        guard let purpose = mail.kind.secret else { return composer.letter(mail, MailContext(greeting: nil, tenantName: nil), secret: nil) }
        let time = now().microseconds
        guard let (plain, stored) = MailedSecretFormat.mint(purpose, at: time) else { throw Refusal.unavailable("no secret could be made") }
        guard let context = try await outbox.issue(stored, for: mail, at: time) else { return nil }
        return composer.letter(mail, context, secret: plain)
    }

    private func giveBack(_ queued: QueuedMail, _ reason: String, retry: Date?) async {
        let metadata: Logger.Metadata = [
            "mailId": "\(queued.mail.id.lowercased)", "kind": "\(queued.mail.kind.rawValue)", "attempt": "\(queued.attempts + 1)",
            "error": "\(reason)",
        ]
        if retry == nil {
            logger.error("mail given up", metadata: metadata)
        } else {
            logger.warning("mail not sent, trying again later", metadata: metadata)
        }
        // If this fails too, the lease runs out and the mail is tried again.
        try? await outbox.fail(queued.mail, reason: String(reason.prefix(500)), retry: retry)
    }
}
