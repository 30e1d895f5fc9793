import Domain

/// An optional that is written as `null` where it is absent: shapes keep all their members.
// swift-format-ignore: UseSynthesizedInitializer
@propertyWrapper
struct ExplicitNull<Value: Encodable & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    // Without it the wrapped members of a type would have to be given as wrappers.
    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

// What the compiler writes for `encode(to:)` prefers these: without them each such member would get an encoder of its own.
extension KeyedEncodingContainer {
    mutating func encode<Value>(_ value: ExplicitNull<Value>, forKey key: Key) throws {
        if let wrapped = value.wrappedValue { try encode(wrapped, forKey: key) } else { try encodeNil(forKey: key) }
    }

    mutating func encode(_ value: ExplicitNull<String>, forKey key: Key) throws {
        if let wrapped = value.wrappedValue { try encode(wrapped, forKey: key) } else { try encodeNil(forKey: key) }
    }

    mutating func encode<Entity>(_ value: ExplicitNull<Identifier<Entity>>, forKey key: Key) throws {
        if let wrapped = value.wrappedValue { try encode(wrapped, forKey: key) } else { try encodeNil(forKey: key) }
    }

    mutating func encode<Entity>(_ value: Identifier<Entity>, forKey key: Key) throws { try encode(value.description, forKey: key) }
}
