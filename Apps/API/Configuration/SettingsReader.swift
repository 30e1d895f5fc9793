import Configuration

/// Reads keys from the environment and an optional file, and remembers every fault, so that all are named at once.
struct SettingsReader {
    private let config: ConfigReader
    private(set) var faults: [String] = []
    private(set) var variables: Set<String> = []

    init(_ config: ConfigReader) { self.config = config }

    /// The key's value; nil where it is unset and has no default, or is faulty.
    mutating func value<Value>(_ key: SettingKey<Value>) -> Value? {
        variables.insert(key.variable)
        guard let text = config.string(forKey: ConfigKey(key.name), isSecret: key.isSecret) ?? key.standard else { return nil }
        guard let value = key.parse(text) else {
            faults.append("\(key.variable) (\(key.name)) must be \(key.expected)\(key.isSecret ? "" : ", not \"\(text)\"").")
            return nil
        }
        return value
    }

    /// Like ``value(_:)``; its absence is a fault.
    mutating func required<Value>(_ key: SettingKey<Value>) -> Value? {
        let before = faults.count
        let value = value(key)
        if value == nil, faults.count == before { faults.append("\(key.variable) (\(key.name)) is not set. \(key.meaning)") }
        return value
    }

    mutating func fault(_ sentence: String) { faults.append(sentence) }
}
