import Auth
import Domain
import HTTPTypes
import Metrics

/// How many credentials were looked at, and what came of it.
struct AuthenticationCounters: Sendable {
    private let counters: [Key: Counter]

    private struct Key: Hashable {
        let credential: Credential
        let outcome: Outcome
    }

    private enum Credential: String, CaseIterable {
        case apiToken = "api_token"
        case session, unproven
    }

    private enum Outcome: String, CaseIterable {
        case accepted, refused, unavailable
    }

    init() {
        var counters: [Key: Counter] = [:]
        for credential in Credential.allCases {
            for outcome in Outcome.allCases {
                let dimensions = [("credential", credential.rawValue), ("outcome", outcome.rawValue)]
                counters[Key(credential: credential, outcome: outcome)] = Counter(label: "tessera_authentications_total", dimensions: dimensions)
            }
        }
        self.counters = counters
    }

    func count(_ authentication: Authentication) {
        let credential: Credential
        let outcome: Outcome
        switch authentication.outcome {
        case .success(let principal): (credential, outcome) = (principal.token == nil ? .session : .apiToken, .accepted)
        case .failure(let refusal):
            credential = authentication.provenToken == nil ? .unproven : .apiToken
            outcome = ProblemKind(refusal.code).status.code >= 500 ? .unavailable : .refused
        }
        counters[Key(credential: credential, outcome: outcome)]?.increment()
    }
}
