/// One configuration key: its dotted name, its default, what it means and how its text is read.
struct SettingKey<Value: Sendable>: Sendable {
    /// e.g. `http.port`; in the environment `TESSERA_HTTP_PORT`.
    let name: String
    /// As it would be written; nil: there is none.
    let standard: String?
    let meaning: String
    /// What is accepted, for the message that refuses anything else.
    let expected: String
    let isSecret: Bool
    let parse: @Sendable (String) -> Value?

    init(
        _ name: String, default standard: String? = nil, _ meaning: String, expected: String, isSecret: Bool = false,
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.name = name
        self.standard = standard
        self.meaning = meaning
        self.expected = expected
        self.isSecret = isSecret
        self.parse = parse
    }

    /// The variable that sets the key: upper snake case behind `TESSERA_`.
    var variable: String { "TESSERA_" + name.snakeCased }
}

extension SettingKey<String> {
    static func text(_ name: String, default standard: String? = nil, _ meaning: String, isSecret: Bool = false) -> Self {
        Self(name, default: standard, meaning, expected: "a text", isSecret: isSecret) { $0.isEmpty ? nil : $0 }
    }
}

extension SettingKey<Int> {
    static func integer(_ name: String, default standard: Int, _ meaning: String, _ bounds: ClosedRange<Int>) -> Self {
        Self(name, default: String(standard), meaning, expected: "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)") { text in
            Int(text).flatMap { bounds.contains($0) ? $0 : nil }
        }
    }
}

extension SettingKey where Value: RawRepresentable<String> & CaseIterable {
    static func choice(_ name: String, default standard: Value, _ meaning: String) -> Self {
        let choices = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return Self(name, default: standard.rawValue, meaning, expected: "one of \(choices)", parse: Value.init(rawValue:))
    }
}

extension String {
    /// `database.roleSecret` as `DATABASE_ROLE_SECRET`.
    fileprivate var snakeCased: String {
        var result = ""
        for character in self {
            if character == "." {
                result.append("_")
            } else {
                if character.isUppercase { result.append("_") }
                result += character.uppercased()
            }
        }
        return result
    }
}
