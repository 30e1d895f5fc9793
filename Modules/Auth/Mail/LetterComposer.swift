import Domain
import FoundationEssentials

/// The texts of the mails.
package struct LetterComposer: Sendable {
    private let publicURL: String

    /// - Parameter publicURL: where people find the product, without a slash at the end: links begin with it.
    package init(publicURL: String) { self.publicURL = publicURL }

    /// - Parameter secret: goes into the link behind `#`: a browser sends what stands there to no server, nor to the next page's.
    func letter(_ mail: OutgoingMail, _ context: MailContext, secret: PlainToken?) -> Letter {
        let (subject, paragraphs) = text(mail, context, link(mail.kind, secret))
        let greeting = context.greeting.map { "Hello \($0)," } ?? "Hello,"
        return Letter(
            id: mail.id, recipient: mail.recipient, subject: subject,
            text: ([greeting] + paragraphs).joined(separator: "\n\n") + "\n", date: mail.createdAt)
    }

    private func link(_ kind: MailKind, _ secret: PlainToken?) -> String {
        guard let secret else { return "" }
        let page =
            switch kind {
            case .emailConfirmation, .emailChanged: "confirm-email"
            case .passwordReset, .passwordChanged: "reset-password"
            case .invitation: "accept-invitation"
            case .tokenNotice: "settings"
            }
        return "\(publicURL)/\(page)#secret=\(secret.reveal())"
    }

    private func text(_ mail: OutgoingMail, _ context: MailContext, _ link: String) -> (subject: String, paragraphs: [String]) {
        let ignore = "If it wasn't you, there is nothing to do."
        switch mail.kind {
        case .emailConfirmation:
            return ("Confirm your e-mail address", ["Follow this link within a day to confirm that this address is yours:", link, ignore])
        case .emailChanged:
            return (
                "Your e-mail address is about to change",
                [
                    "Another address was given for your account. It takes effect once it is confirmed from there; until then nothing changes.",
                    "If it wasn't you, change your password now: whoever did it knows it.",
                ]
            )
        case .passwordReset:
            return (
                "Reset your password",
                ["Follow this link within ten minutes to set another password. All your sessions end then.", link, ignore]
            )
        case .passwordChanged:
            return (
                "Your password was changed",
                [
                    "The password of your account was changed, and all other sessions have ended.",
                    "If it wasn't you, reset your password now: \(publicURL)/forgot-password",
                ]
            )
        case .tokenNotice:
            return NoticeText(mail.details, settings: "\(publicURL)/settings").mail
        case .invitation:
            let tenant = context.tenantName ?? "a team"
            return (
                "You are invited to join \(tenant)",
                ["You are invited to join \(tenant). Follow this link within seven days to accept:", link, "If you don't want to, ignore this mail."]
            )
        }
    }
}
