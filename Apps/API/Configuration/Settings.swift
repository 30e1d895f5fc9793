import Auth
import Configuration
import Domain
import FoundationEssentials
import HTTP
import Logging
import Postgres
import SystemPackage

/// All that the API is told from outside, checked.
struct Settings: Sendable {
    let http: ServerSettings
    let trustedProxies: [CIDR]
    let corsOrigins: [WebOrigin]
    let operations: ServerSettings
    let database: DatabaseSettings
    let registration: RegistrationPolicy
    let issuer: String
    let keyEncryptionKey: KeyEncryptionKey
    let hashingThreads: Int
    let hashingQueue: Int
    let mail: MailSettings
    let limits: LimitSettings
    /// nil: each node counts its limits alone.
    let redis: RedisSettings?
    let usageCapacity: Int
    let usageRetentionDays: Int
    let tokenRetentionDays: Int
    let auditRetentionDays: Int
    let housekeeping: DailySchedule
    let logLevel: Logger.Level
    let logFormat: LogFormat

    /// Reads the environment (`TESSERA_*`) over the file that `TESSERA_CONFIG_FILE` names, if any.
    /// Throws ``InvalidSettings`` with every fault.
    static func load(environment: [String: String]) async throws -> Settings {
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "tessera")
        ]
        if let path = environment["TESSERA_CONFIG_FILE"] {
            do {
                providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(path)))
            } catch {
                throw InvalidSettings(faults: ["TESSERA_CONFIG_FILE names \(path), which is not a readable JSON file."])
            }
        }
        var reader = SettingsReader(ConfigReader(providers: providers))
        let settings = Settings(&reader)
        guard let settings, reader.faults.isEmpty else { throw InvalidSettings(faults: reader.faults) }
        return settings
    }

    private init?(_ reader: inout SettingsReader) {
        let httpHost = reader.value(SettingKeys.httpHost)
        let httpPort = reader.value(SettingKeys.httpPort)
        let connections = reader.value(SettingKeys.httpConnections)
        let idleTimeout = reader.value(SettingKeys.httpIdleTimeout)
        let trustedProxies = reader.value(SettingKeys.trustedProxies) ?? []
        let corsOrigins = reader.value(SettingKeys.corsOrigins) ?? []
        let operationsHost = reader.value(SettingKeys.operationsHost)
        let operationsPort = reader.value(SettingKeys.operationsPort)
        let database = DatabaseSettings(&reader)
        let registration = reader.value(SettingKeys.registration)
        let issuer = reader.value(SettingKeys.issuer)
        let key = Self.keyEncryptionKey(&reader)
        let threads = reader.value(SettingKeys.hashingThreads)
        let queue = reader.value(SettingKeys.hashingQueue)
        let mail = MailSettings(&reader)
        let limits = LimitSettings(&reader)
        let redis = RedisSettings(&reader)
        let capacity = reader.value(SettingKeys.usageCapacity)
        let retention = reader.value(SettingKeys.usageRetention)
        let tokenRetention = reader.value(SettingKeys.tokenRetention)
        let auditRetention = reader.value(SettingKeys.auditRetention)
        let housekeeping = reader.value(SettingKeys.housekeeping)
        let level = reader.value(SettingKeys.logLevel)
        let format = reader.value(SettingKeys.logFormat)
        guard let httpHost, let httpPort, let connections, let idleTimeout, let operationsHost, let operationsPort, let database,
            let registration, let issuer, let key, let mail, let threads, let queue, let capacity, let retention, let level, let format,
            let tokenRetention, let auditRetention, let housekeeping, let limits
        else { return nil }
        http = ServerSettings(host: httpHost, port: httpPort, connections: connections, idleTimeout: idleTimeout)
        operations = ServerSettings(host: operationsHost, port: operationsPort, connections: 64, idleTimeout: idleTimeout)
        self.trustedProxies = trustedProxies
        self.corsOrigins = corsOrigins
        self.database = database
        self.registration = registration
        self.issuer = issuer
        keyEncryptionKey = key
        hashingThreads = threads
        hashingQueue = queue
        self.mail = mail
        self.limits = limits
        self.redis = redis
        usageCapacity = capacity
        usageRetentionDays = retention
        tokenRetentionDays = tokenRetention
        auditRetentionDays = auditRetention
        self.housekeeping = housekeeping
        logLevel = level
        logFormat = format
    }

    private static func keyEncryptionKey(_ reader: inout SettingsReader) -> KeyEncryptionKey? {
        guard let text = reader.required(SettingKeys.keyEncryptionKey) else { return nil }
        do {
            return try KeyEncryptionKey(text)
        } catch {
            reader.fault("\(SettingKeys.keyEncryptionKey.variable) (\(SettingKeys.keyEncryptionKey.name)) must be 32 bytes as base64 or hex.")
            return nil
        }
    }
}

/// Everything that is wrong with the configuration, a sentence each.
struct InvalidSettings: Error, CustomStringConvertible {
    let faults: [String]

    var description: String { faults.joined(separator: "\n") }
}
