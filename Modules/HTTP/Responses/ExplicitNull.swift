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
