package import Domain
import Hummingbird

extension Call {
    /// How the change that this asks for is told to a retry; to be handed to its use case. `answer` makes the answer of the outcome alone,
    /// as it is without any secret.
    package func onRetry<Outcome>(_ answer: @escaping @Sendable (Outcome) throws -> Answer) -> Retry<Outcome> {
        context.scope.idempotentRequest.map { Retry(of: $0) { try answer($0).kept } } ?? .notKept
    }
}
