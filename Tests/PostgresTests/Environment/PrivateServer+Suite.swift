import Support
import Testing

extension PrivateServer {
    /// The server of the suite that runs; see ``Trait/privateServer``.
    @TaskLocal static var current: PrivateServer?

    static func required() throws -> PrivateServer { try #require(current, "the suite lacks the trait .privateServer") }
}

struct PrivateServerTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void) async throws {
        try await PrivateServer.with { server in
            try await PrivateServer.$current.withValue(server) { try await function() }
        }
    }
}

extension Trait where Self == PrivateServerTrait {
    /// Gives the suite ``PrivateServer/current``, started.
    static var privateServer: Self { PrivateServerTrait() }
}
