import Mail
import Testing

/// A URL says where messages go; what is wrong with one is said without a word of it.
@Suite struct SMTPConfigurationTests {
    @Test func implicitTLS() throws {
        let configuration = try SMTPConfiguration(url: "smtps://user:p%40ss%3A%2F%23%25@mail.example.com?ca=/etc/ca.pem&timeout=10")
        #expect(configuration.host == "mail.example.com")
        #expect(configuration.port == 465)
        #expect(configuration.security == .implicitTLS)
        #expect(configuration.credentials?.user == "user")
        #expect(configuration.certificateAuthorities == "/etc/ca.pem")
        #expect(configuration.timeout == .seconds(10))
    }

    @Test func startTLSIsTheDefaultOfSMTP() throws {
        let configuration = try SMTPConfiguration(url: "SMTP://user%40example.com:secret@Mail.example.com/")
        #expect(configuration.host == "mail.example.com")
        #expect(configuration.port == 587)
        #expect(configuration.security == .startTLS)
        #expect(configuration.credentials?.user == "user@example.com")
        #expect(configuration.timeout == .seconds(30))
    }

    @Test func inTheClear() throws {
        let configuration = try SMTPConfiguration(url: "smtp://relay?tls=none")
        #expect(configuration.port == 25)
        #expect(configuration.security == .none)
        #expect(configuration.credentials == nil)
    }

    @Test func addressOfSixteenBytes() throws {
        #expect(try SMTPConfiguration(url: "smtp://[::1]:2525").host == "::1")
    }

    @Test(arguments: ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
    func passwordInTheClearStaysOnThisHost(_ host: String) {
        #expect(throws: Never.self) { try SMTPConfiguration(url: "smtp://user:password@\(host)?tls=none") }
    }

    @Test(arguments: ["mail.example.com", "127.0.0.1.example.com", "127.0.0", "10.0.0.1", "localhost.example.com", "[::2]"])
    func passwordInTheClearIsRefusedElsewhere(_ host: String) {
        #expect(throws: SMTPConfigurationFailure.self) { try SMTPConfiguration(url: "smtp://user:password@\(host)?tls=none") }
    }

    @Test(arguments: [
        "", "mail.example.com", "http://host", "smtp://", "smtp://:25", "smtp:host", "smtps://host?tls=none", "smtp://host?tls=maybe",
        "smtp://host?tls", "smtp://host?timeout=0", "smtp://host?timeout=101", "smtp://host?timeout=soon", "smtp://host?timeout=1&timeout=2",
        "smtp://host?other=1", "smtp://host?tls=none&ca=/x", "smtp://host:0", "smtp://host:65536", "smtp://host:x", "smtp://host/path",
        "smtp://host#fragment", "smtp://user@host", "smtp://user:@host", "smtp://:hunter2@host", "smtp://user:hunter2%@host",
        "smtp://user:hunter2%FF@host", "smtp://user:hunter2%00@host", "smtp://user:hunter2#x@host", "smtp://user:hunter2/x@host",
        "smtp://user:hunter2?x@host", "smtp://user:hunter2?hunter2=1@host", "smtp://user:hunter2@x@host", "smtp://user:hunter2 x@host",
        "smtp://hö", "smtp://ho%20st", "smtp://ho%0D%0Ast",
    ])
    func faultyURLIsRefusedWithoutBeingQuoted(_ url: String) throws {
        let failure = try #require(throws: SMTPConfigurationFailure.self) { try SMTPConfiguration(url: url) }
        #expect(!"\(failure) \(String(reflecting: failure))".contains("hunter2"))
    }

    @Test func passwordDoesNotPrint() throws {
        let configuration = try SMTPConfiguration(url: "smtps://user:hunter2@host")
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration) \(String(reflecting: configuration)) \(dumped)".contains("hunter2"))
        #expect(!"\(try SMTPTransport(configuration))".contains("hunter2"))
    }

    @Test func missingAuthoritiesAreAnError() {
        #expect(throws: SMTPConfigurationFailure.self) { try SMTPTransport("smtps://host?ca=/nowhere/ca.pem") }
    }
}
