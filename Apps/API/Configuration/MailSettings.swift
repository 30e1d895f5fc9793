import Mail

/// How mails leave.
struct MailSettings: Sendable {
    let from: MailAddress
    /// nil: into ``directory``.
    let smtp: SMTPConfiguration?
    let directory: String
    /// Where links lead, without a slash at the end.
    let publicURL: String

    init?(_ reader: inout SettingsReader) {
        let sender = reader.value(SettingKeys.mailFrom)
        let directory = reader.value(SettingKeys.mailDirectory)
        let publicURL = reader.value(SettingKeys.publicURL)
        let from = sender.flatMap(Self.mailbox)
        if sender != nil, from == nil { reader.fault("\(SettingKeys.mailFrom.variable) must be an address such as Tessera <no-reply@example.com>.") }
        var smtp: SMTPConfiguration?
        if let url = reader.value(SettingKeys.smtpURL) {
            do { smtp = try SMTPConfiguration(url: url) } catch {
                reader.fault("\(SettingKeys.smtpURL.variable) is no mail server's URL: \(error).")
                return nil
            }
        }
        guard let from, let directory, let publicURL else { return nil }
        self.from = from
        self.smtp = smtp
        self.directory = directory
        self.publicURL = publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
    }

    /// `name <address>` or an address alone.
    private static func mailbox(_ text: String) -> MailAddress? {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else { return try? MailAddress(address: text) }
        let name = text[..<open].split(separator: " ").joined(separator: " ")
        return try? MailAddress(name: name, address: String(text[text.index(after: open)...].dropLast()))
    }
}
