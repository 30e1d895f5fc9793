/// Returns as soon as `condition` holds; throws ``NeverHappened`` when it doesn't within `limit`.
package func eventually(
    _ what: String, within limit: Duration = .seconds(30), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NeverHappened(what: what) }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// A condition that a test waited for in vain.
package struct NeverHappened: Error {
    package let what: String
}
