import Domain
import FoundationEssentials

/// A JSON Schema (draft 2020-12), as OpenAPI 3.1 embeds it.
package struct Schema: Sendable {
    private(set) var members: [String: JSONValue]

    private init(_ members: [String: JSONValue]) { self.members = members }

    /// A component of the document by its name.
    package static func named(_ name: String) -> Schema { Schema(["$ref": .string("#/components/schemas/" + name)]) }

    /// A string.
    ///
    /// - Parameters:
    ///   - length: in Unicode scalars.
    ///   - pattern: an expression of ECMA-262.
    package static func string(_ length: ClosedRange<Int>? = nil, pattern: String? = nil, format: String? = nil) -> Schema {
        var members: [String: JSONValue] = ["type": .string("string")]
        if let length {
            if length.lowerBound > 0 { members["minLength"] = .integer(length.lowerBound) }
            members["maxLength"] = .integer(length.upperBound)
        }
        if let pattern { members["pattern"] = .string(pattern) }
        if let format { members["format"] = .string(format) }
        return Schema(members)
    }

    /// What a person writes: it is trimmed, and has no U+0000. Its length counts after trimming.
    package static func text(_ length: ClosedRange<Int>) -> Schema {
        length.lowerBound == 0 ? plain(length) : string(length, pattern: #"^[^\u0000]*[^\u0000\#(whiteSpace)][^\u0000]*$"#)
    }

    /// What is taken as it stands, but for U+0000.
    package static func plain(_ length: ClosedRange<Int>, format: String? = nil) -> Schema {
        string(length, pattern: #"^[^\u0000]*$"#, format: format)
    }

    /// Unicode's White_Space, for a class of characters.
    private static let whiteSpace = #"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"#

    /// An IPv4 or IPv6 address.
    package static var address: Schema { Schema(["anyOf": .array([string(format: "ipv4").json, string(format: "ipv6").json])]) }

    /// One of some words.
    package static func words(_ words: [String]) -> Schema {
        Schema(["type": .string("string"), "enum": .array(words.map(JSONValue.string))])
    }

    /// Always the same value.
    package static func constant(_ word: String) -> Schema { Schema(["type": .string("string"), "const": .string(word)]) }

    package static func integer(_ bounds: ClosedRange<Int>? = nil) -> Schema {
        var members: [String: JSONValue] = ["type": .string("integer")]
        if let bounds {
            members["minimum"] = .integer(bounds.lowerBound)
            if bounds.upperBound < .max { members["maximum"] = .integer(bounds.upperBound) }
        }
        return Schema(members)
    }

    package static var number: Schema { Schema(["type": .string("number"), "minimum": .integer(0)]) }

    package static var bool: Schema { Schema(["type": .string("boolean")]) }

    package static var id: Schema { string(format: "uuid") }

    /// A moment: RFC 3339 in UTC.
    package static var time: Schema { string(format: "date-time") }

    package static func array(of items: Schema, _ count: ClosedRange<Int>? = nil, isSet: Bool = false) -> Schema {
        var members: [String: JSONValue] = ["type": .string("array"), "items": items.json]
        if let count {
            if count.lowerBound > 0 { members["minItems"] = .integer(count.lowerBound) }
            members["maxItems"] = .integer(count.upperBound)
        }
        if isSet { members["uniqueItems"] = .bool(true) }
        return Schema(members)
    }

    /// An object of any members whose values are like `values`.
    package static func map(of values: Schema) -> Schema { Schema(["type": .string("object"), "additionalProperties": values.json]) }

    /// An object of the caller's own.
    package static var anyObject: Schema { Schema(["type": .string("object")]) }

    /// What is answered: all members are there, and later versions may add some.
    package static func answer(_ properties: KeyValuePairs<String, Schema>, optional: KeyValuePairs<String, Schema> = [:]) -> Schema {
        object(properties, optional: optional)
    }

    /// What is sent: no other members are taken, and null counts as left out.
    package static func request(_ required: KeyValuePairs<String, Schema> = [:], optional: KeyValuePairs<String, Schema> = [:]) -> Schema {
        var schema = object(required, optional: optional.map { (key: $0.key, value: $0.value.orNull) })
        schema.members["additionalProperties"] = .bool(false)
        return schema
    }

    /// With members more that may be left out, but not null.
    package func adding(_ properties: KeyValuePairs<String, Schema>) -> Schema {
        var schema = self
        guard case .object(var known) = members["properties"] else { return self }
        for (name, property) in properties { known[name] = property.json }
        schema.members["properties"] = .object(known)
        return schema
    }

    private static func object(_ required: some Sequence<(key: String, value: Schema)>, optional: some Sequence<(key: String, value: Schema)>)
        -> Schema
    {
        var properties: [String: JSONValue] = [:]
        var names: [JSONValue] = []
        for (name, schema) in required {
            properties[name] = schema.json
            names.append(.string(name))
        }
        for (name, schema) in optional { properties[name] = schema.json }
        var members: [String: JSONValue] = ["type": .string("object"), "properties": .object(properties)]
        if !names.isEmpty { members["required"] = .array(names) }
        return Schema(members)
    }

    /// All members of `base`, and these.
    package static func extending(_ base: String, _ properties: KeyValuePairs<String, Schema>, optional: KeyValuePairs<String, Schema> = [:])
        -> Schema
    {
        Schema(["allOf": .array([named(base).json, answer(properties, optional: optional).json])])
    }

    /// This, or null.
    package var orNull: Schema {
        var members = members
        if case .string(let type) = members["type"] {
            members["type"] = .array([.string(type), .string("null")])
            if case .array(let words) = members["enum"] { members["enum"] = .array(words + [.null]) }
            return Schema(members)
        }
        return Schema(["anyOf": .array([json, .object(["type": .string("null")])])])
    }

    package func described(_ text: String) -> Schema { with("description", .string(text)) }

    /// Takes one of the two members, or none; not both.
    package func either(_ one: String, or other: String) -> Schema {
        func present(_ name: String) -> JSONValue { .object([name: .object(["not": .object(["type": .string("null")])])]) }
        let both: [JSONValue] = [one, other].map { .object(["properties": present($0), "required": .array([.string($0)])]) }
        return with("not", .object(["allOf": .array(both)]))
    }

    /// Demands what can't be said of the members one by one, as JSON.
    package func demanding(_ keyword: String, _ json: String) -> Schema { with(keyword, JSONValue(text: json)) }

    private func with(_ keyword: String, _ value: JSONValue) -> Schema {
        var schema = self
        schema.members[keyword] = value
        return schema
    }

    var json: JSONValue { .object(members) }
}

extension JSONValue {
    /// JSON that stands in this source; null if it isn't any, which the document's test finds.
    init(text: String) { self = (try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))) ?? .null }
}
