import Postgres

/// How each role reaches the database.
struct DatabaseSettings: Sendable {
    let auth: ConnectionConfiguration
    let app: ConnectionConfiguration
    let admin: ConnectionConfiguration
    let ingest: ConnectionConfiguration
    let jobs: ConnectionConfiguration
    /// As tessera_auth, past any pooler: LISTEN takes a connection that stays.
    let direct: ConnectionConfiguration
    /// Shared connections of the roles that serve requests.
    let sharedConnections: Int

    init?(_ reader: inout SettingsReader) {
        let url = reader.required(SettingKeys.databaseURL)
        let secret = reader.value(SettingKeys.roleSecret)
        let mode = reader.value(SettingKeys.statementMode)
        let shared = reader.value(SettingKeys.sharedConnections)
        let directURL = reader.value(SettingKeys.directURL)
        let timeout = reader.value(SettingKeys.statementTimeout)
        let overrides = [
            reader.value(SettingKeys.authURL), reader.value(SettingKeys.appURL), reader.value(SettingKeys.adminURL),
            reader.value(SettingKeys.ingestURL), reader.value(SettingKeys.jobsURL),
        ]
        guard let url, let mode, let shared, let timeout else { return nil }

        func configuration(_ role: String, _ override: String?, through url: String = url) -> ConnectionConfiguration {
            var configuration = ConnectionConfiguration(url: override ?? url)
            if override == nil {
                configuration.user = role
                configuration.password = secret.map { RolePassword.derive(secret: $0, role: role) }
            }
            configuration.applicationName = "tessera-api/\(role)"
            configuration.statementMode = mode == .named ? .named : .unnamed
            configuration.statementTimeout = .seconds(timeout)
            return configuration
        }
        auth = configuration("tessera_auth", overrides[0])
        app = configuration("tessera_app", overrides[1])
        admin = configuration("tessera_admin", overrides[2])
        ingest = configuration("tessera_ingest", overrides[3])
        jobs = configuration("tessera_jobs", overrides[4])
        direct = directURL.map { configuration("tessera_auth", nil, through: $0) } ?? auth
        sharedConnections = shared
    }
}
