import Domain
import HTTP
import Limits
import Logging
import NIOCore

/// Every key that tessera-api reads, in one table.
enum SettingKeys {
    static let httpHost = SettingKey.text("http.host", default: "127.0.0.1", "Address that the API listens on.")
    static let httpPort = SettingKey.integer("http.port", default: 8080, "Port of the API; 0 takes any free one.", 0...65_535)
    static let httpConnections = SettingKey.integer(
        "http.maxConnections", default: 4096, "Open connections; more wait in the backlog.", 1...1_000_000)
    static let httpIdleTimeout = SettingKey.integer("http.idleTimeout", default: 30, "Seconds after which a silent connection is closed.", 1...3600)
    static let trustedProxies = SettingKey(
        "http.trustedProxies", "Networks of the proxies whose X-Forwarded-For is believed; unset: none.",
        expected: "networks like 10.0.0.0/8 with commas between them"
    ) { text -> [CIDR]? in
        let parts = text.split(separator: ",").map { CIDR($0.filter { $0 != " " }) }
        return parts.contains(where: { $0 == nil }) ? nil : parts.compactMap(\.self)
    }
    static let corsOrigins = SettingKey(
        "http.corsOrigins", "Origins whose pages may read answers, as browsers send them; unset: none.",
        expected: "origins like https://app.example.com with commas between them"
    ) { text -> [WebOrigin]? in
        let parts = text.split(separator: ",").map { WebOrigin(String($0.filter { $0 != " " })) }
        return parts.contains(where: { $0 == nil }) ? nil : parts.compactMap(\.self)
    }
    static let operationsHost = SettingKey.text("operations.host", default: "127.0.0.1", "Address of the operations port.")
    static let operationsPort = SettingKey.integer("operations.port", default: 9090, "Port of /metrics and health; 0 takes any free one.", 0...65_535)

    static let databaseURL = SettingKey.text(
        "database.url", "libpq URL of the database; each role logs in under its own name.", isSecret: true)
    static let roleSecret = SettingKey.text(
        "database.roleSecret", "Secret that the roles' passwords are derived from; unset: no passwords.", isSecret: true)
    static let authURL = SettingKey.text("database.authUrl", "Overrides database.url for the role tessera_auth.", isSecret: true)
    static let appURL = SettingKey.text("database.appUrl", "Overrides database.url for the role tessera_app.", isSecret: true)
    static let adminURL = SettingKey.text("database.adminUrl", "Overrides database.url for the role tessera_admin.", isSecret: true)
    static let ingestURL = SettingKey.text("database.ingestUrl", "Overrides database.url for the role tessera_ingest.", isSecret: true)
    static let jobsURL = SettingKey.text("database.jobsUrl", "Overrides database.url for the role tessera_jobs.", isSecret: true)
    static let directURL = SettingKey.text(
        "database.directUrl", "libpq URL straight to the server, past any pooler, for LISTEN; unset: as tessera_auth.", isSecret: true)
    static let statementMode = SettingKey.choice(
        "database.statementMode", default: StatementPreparation.named,
        "named prepares statements on each connection; unnamed is for transaction poolers that can't keep them.")
    static let sharedConnections = SettingKey.integer(
        "database.sharedConnections", default: 2, "Pipelined connections of each of the roles auth and app.", 1...64)
    static let statementTimeout = SettingKey.integer("database.statementTimeout", default: 5, "Seconds that one statement may take.", 1...300)

    static let registration = SettingKey.choice("auth.registration", default: RegistrationPolicy.open, "Who may make an account.")
    static let issuer = SettingKey.text("auth.issuer", default: "tessera", "The iss of access tokens.")
    static let keyEncryptionKey = SettingKey.text(
        "auth.keyEncryptionKey", "32 bytes as base64 or hex that seal the signing keys in the database.", isSecret: true)
    // Half the cores: with all of them a full queue of passwords made the slowest requests with a token 2.8 times as slow on two cores,
    // with one 1.3 times.
    static let hashingThreads = SettingKey.integer(
        "auth.hashingThreads", default: max(1, System.coreCount / 2), "Threads that hash passwords; each takes 32 MiB.", 1...64)
    static let hashingQueue = SettingKey.integer("auth.hashingQueue", default: 64, "Passwords that may wait for a thread; 503 past it.", 1...10_000)

    static let publicURL = SettingKey.text(
        "http.publicUrl", default: "http://127.0.0.1:8080", "Where people reach the product: links in mails begin with it.")
    static let smtpURL = SettingKey.text(
        "smtp.url", "smtps://user:password@host or smtp://…: the mail server; unset: mails go to files.", isSecret: true)
    static let mailFrom = SettingKey.text("mail.from", default: "Tessera <no-reply@localhost>", "The sender of mails.")
    static let mailDirectory = SettingKey.text("mail.directory", default: ".local/mail", "Folder of the mails where there is no smtp.url.")

    static let usageCapacity = SettingKey.integer(
        "usage.bufferCapacity", default: 100_000, "Usage records kept in memory while the database is away.", 1...10_000_000)
    static let usageRetention = SettingKey.integer("usage.retentionDays", default: 90, "Days that usage records are kept.", 7...3650)

    static let tokenRetention = SettingKey.integer(
        "tokens.retentionDays", default: 90, "Days after which a revoked or expired token becomes a tombstone.", 1...3650)
    static let auditRetention = SettingKey.integer("audit.retentionDays", default: 400, "Days that audit entries are kept.", 30...36_500)
    static let housekeeping = SettingKey(
        "housekeeping.schedule", default: "02:00", "Times of day (UTC) at which tokens and audit logs are tidied up.",
        expected: "times like 02:00 with commas between them, or off", parse: DailySchedule.init)

    static let logLevel = SettingKey.choice("log.level", default: Logger.Level.info, "The least severe level that is logged.")
    static let logFormat = SettingKey.choice("log.format", default: LogFormat.json, "json for machines, text for people.")

    static let redisURL = SettingKey.text(
        "redis.url", "redis://user:password@host:port/database, rediss://… or unix:///path of a Redis or Valkey that all nodes count limits on.",
        isSecret: true)
    static let redisTimeout = SettingKey.integer(
        "redis.timeout", default: 50, "Milliseconds after which a request goes on without Redis's answer.", 5...10_000)
    static let limitNodes = SettingKey.integer(
        "limits.nodes", default: 2, "Nodes that share each limit while Redis is away.", 1...1000)
    static let limitShadow = SettingKey(
        "limits.shadow", "Limits that are watched and not enforced; unset: none.",
        expected: "names of limits other than login, with commas between them"
    ) { text -> Set<LimitKind>? in
        let kinds = text.split(separator: ",").map { LimitKind(rawValue: $0.filter { $0 != " " }) }
        return kinds.contains(nil) || kinds.contains(.login) ? nil : Set(kinds.compactMap(\.self))
    }

    static func limit(_ kind: LimitKind) -> SettingKey<LimitSetting> {
        SettingKey(
            "limits.\(kind.rawValue)", default: LimitTable.standard[kind]?.description ?? "off", "Requests per seconds for each \(kind.rawValue).",
            expected: "requests/seconds such as 600/60, or off", parse: LimitSetting.init)
    }
}

/// Whether connections keep prepared statements.
enum StatementPreparation: String, CaseIterable, Sendable { case named, unnamed }

enum LogFormat: String, CaseIterable, Sendable { case json, text }
