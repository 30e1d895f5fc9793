import Foundation

/// A JSON document, read by name: `body["tenant"]["slug"].string`.
@dynamicMemberLookup
struct JSON: Equatable, Sendable, CustomStringConvertible {
    private let value: Value

    private enum Value: Equatable, Sendable, Decodable {
        case null
        case bool(Bool)
        case number(Double)
        case string(String)
        case array([Value])
        case object([String: Value])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([Value].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: Value].self))
            }
        }
    }

    private init(_ value: Value) { self.value = value }

    /// Nothing, where `data` is no JSON.
    init(_ data: Data) { value = (try? JSONDecoder().decode(Value.self, from: data)) ?? .null }

    subscript(dynamicMember name: String) -> JSON { self[name] }

    subscript(name: String) -> JSON {
        if case .object(let members) = value { JSON(members[name] ?? .null) } else { JSON(.null) }
    }

    subscript(index: Int) -> JSON {
        if case .array(let items) = value, items.indices.contains(index) { JSON(items[index]) } else { JSON(.null) }
    }

    var string: String? { if case .string(let text) = value { text } else { nil } }
    var int: Int? { if case .number(let number) = value { Int(exactly: number) } else { nil } }
    var double: Double? { if case .number(let number) = value { number } else { nil } }
    var bool: Bool? { if case .bool(let flag) = value { flag } else { nil } }
    var isNull: Bool { value == .null }
    var array: [JSON] { if case .array(let items) = value { items.map(JSON.init) } else { [] } }
    var names: [String] { if case .object(let members) = value { members.keys.sorted() } else { [] } }

    var description: String { "\(value)" }
}
