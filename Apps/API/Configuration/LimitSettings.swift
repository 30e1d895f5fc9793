import Limits
import Redis

/// What limits there are, and how nodes count them.
struct LimitSettings: Sendable {
    let table: LimitTable
    /// Watched and not enforced.
    let shadow: Set<LimitKind>
    /// Nodes that share a limit while they can't count together.
    let nodes: Int

    init?(_ reader: inout SettingsReader) {
        var table = LimitTable.standard
        for kind in LimitKind.allCases {
            if let setting = reader.value(SettingKeys.limit(kind)) { table[kind] = setting.limit }
        }
        self.table = table
        shadow = reader.value(SettingKeys.limitShadow) ?? []
        guard let nodes = reader.value(SettingKeys.limitNodes) else { return nil }
        self.nodes = nodes
    }
}

/// Where nodes count together.
struct RedisSettings: Sendable {
    let configuration: RedisConfiguration
    let timeout: Duration

    /// nil where it isn't set, or is faulty, which the reader remembers.
    init?(_ reader: inout SettingsReader) {
        let timeout = reader.value(SettingKeys.redisTimeout)
        guard let url = reader.value(SettingKeys.redisURL), let timeout else { return nil }
        do { configuration = try RedisConfiguration(url: url) } catch {
            reader.fault("\(SettingKeys.redisURL.variable) (\(SettingKeys.redisURL.name)) is no Redis server's URL: \(error).")
            return nil
        }
        self.timeout = .milliseconds(timeout)
    }
}

/// The text of a limit: nil inside is `off`.
struct LimitSetting: Sendable {
    let limit: Limit?

    init?(_ text: String) {
        if text == "off" {
            limit = nil
        } else if let limit = Limit(text) {
            self.limit = limit
        } else {
            return nil
        }
    }
}
