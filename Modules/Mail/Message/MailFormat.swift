import FoundationEssentials

extension MailMessage {
    /// The message as it travels (RFC 5322, RFC 2045): header and body, lines of at most 76 characters that end with CRLF, but for
    /// addresses longer than that. All of it is ASCII if the addresses are.
    package func rfc5322() -> [UInt8] {
        let header = [
            "Date: \(MailDate(date).rfc5322)",
            HeaderText.address(from, after: "From:"),
            HeaderText.address(to, after: "To:"),
            HeaderText.unstructured(subject, after: "Subject:"),
            "Message-ID: <\(id.uuidString.lowercased())@\(from.domain)>",
            // Nobody's holiday notice shall answer (RFC 3834 §5).
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ]
        return Array(header.map { $0 + "\r\n" }.joined().utf8) + Array("\r\n".utf8) + QuotedPrintable.encode(text)
    }

    /// Whether the addresses, which are all that isn't encoded, take a server that knows RFC 6531.
    var needsSMTPUTF8: Bool { !from.isASCII || !to.isASCII }
}
