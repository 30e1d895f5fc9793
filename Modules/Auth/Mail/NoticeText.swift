import Domain

/// The mail that a notice becomes.
struct NoticeText {
    private let details: [String: String]
    private let settings: String

    /// - Parameter settings: where people find their tokens.
    init(_ details: [String: String], settings: String) {
        self.details = details
        self.settings = settings
    }

    var mail: (subject: String, paragraphs: [String]) {
        let token = "The API token \"\(details["tokenName"] ?? "")\" (\(details["tokenPrefix"] ?? "")…) of \(details["tenant"] ?? "your tenant")"
        let tokens = "Your tokens: \(settings)"
        return switch details["kind"].flatMap(NoticeKind.init) {
        case .expiring:
            (
                "An API token expires soon",
                ["\(token) expires at \(end). What uses it stops working then: extend it, or make another.", tokens]
            )
        case .expired:
            ("An API token expired", ["\(token) expired at \(end), and is taken no more.", tokens])
        case .newNetwork:
            (
                "An API token is used from a new network",
                ["\(token) was used from \(details["ipAddress"] ?? "an address") for the first time.", "If that wasn't you, revoke it now.", tokens]
            )
        case .endedSecretUsed:
            (
                "A replaced secret of an API token is still used",
                ["\(token) was rotated, but somebody still shows the secret it had before\(from). It is refused.\(consequence())", tokens]
            )
        case .exposed:
            (
                "An API token was found in public",
                [
                    "\(token) was reported to be where others can read it.\(consequence(", and so are the tokens that it made")) Make another, and use that instead.",
                    tokens,
                ]
            )
        case .exposedEnded:
            (
                "An old secret of an API token was found in public",
                [
                    "A secret of the API token \"\(details["tokenName"] ?? "")\" was reported to be where others can read it. It is good for nothing "
                        + "any more; you need do nothing, but may want to know where it was.", tokens,
                ]
            )
        case nil: ("About an API token", ["There is news about it.", tokens])
        }
    }

    private var end: String { details["expiresAt"] ?? "its end" }
    private var from: String { details["ipAddress"].map { ", from \($0)" } ?? "" }

    private func consequence(_ more: String = "") -> String {
        switch details["reaction"].flatMap(TokenPolicy.Reaction.init) {
        case .revoke: " It is revoked now\(more)."
        case .deactivate: " It is switched off now\(more)."
        case .notify, nil: ""
        }
    }
}
