import Auth
import Domain
import HTTPTypes
import Metrics

/// How many credentials were looked at, and what came of it. The counters are looked up once: this is on every request's way.
struct AuthenticationCounters: Sendable {
    private let counters: [Counter]
    private let misses: [TokenMiss: Counter]

    enum Credential: Int, CaseIterable {
        case apiToken, session, introspector, unproven
    }

    enum Outcome: Int, CaseIterable {
        case accepted, refused, unavailable

        init(_ refusal: Refusal) { self = ProblemKind(refusal.code).status.code >= 500 ? .unavailable : .refused }
    }

    init() {
        counters = Credential.allCases.flatMap { credential in
            Outcome.allCases.map { outcome in
                let dimensions = [("credential", credential == .apiToken ? "api_token" : "\(credential)"), ("outcome", "\(outcome)")]
                return Counter(label: "tessera_authentications_total", dimensions: dimensions)
            }
        }
        misses = Dictionary(
            uniqueKeysWithValues: TokenMiss.allCases.map { ($0, Counter(label: "tessera_token_misses_total", dimensions: [("answer", $0.rawValue)])) }
        )
    }

    func count(_ authentication: Authentication) {
        let credential: Credential
        let outcome: Outcome
        switch authentication.outcome {
        case .success(let caller): (credential, outcome) = (caller.token == nil ? .session : .apiToken, .accepted)
        case .failure(let refusal):
            credential = authentication.provenToken == nil ? .unproven : .apiToken
            outcome = Outcome(refusal)
        }
        count(credential, outcome)
        if let miss = authentication.miss { misses[miss]?.increment() }
    }

    func count(_ credential: Credential, _ outcome: Outcome) {
        counters[credential.rawValue * Outcome.allCases.count + outcome.rawValue].increment()
    }
}
