extension Slug {
    /// Runs `make` with `wanted`, or else with slugs made of `name` until one is free.
    ///
    /// - Parameter member: what the request calls the slug, for the advice.
    package static func claim<Value>(_ wanted: Slug?, for name: String, member: String, _ make: (Slug) async throws -> Value) async throws -> Value {
        if let wanted { return try await make(wanted) }
        let derived = Slug(derivedFrom: name)
        for attempt in 0..<5 {
            do {
                return try await make(attempt == 0 ? derived : derived.disambiguated())
            } catch let refusal as Refusal where refusal.code == .slugTaken {}
        }
        throw Refusal(.slugTaken, "No free slug could be made of that name: give \(member).")
    }
}
