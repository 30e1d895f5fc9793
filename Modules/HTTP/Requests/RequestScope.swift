package import Domain
package import FoundationEssentials
import Synchronization

/// What the layers around a request tell each other: made when the request begins, gone when its response is out.
///
/// A class, since a middleware further out has to see what one further in has found.
package final class RequestScope: Sendable {
    package let id: UUID
    package let startedAt: ContinuousClock.Instant
    private let findings: Mutex<Findings>

    package init(remoteAddress: IPAddress?, startedAt: ContinuousClock.Instant = .now, id: UUID = .v7(at: Date())) {
        self.id = id
        self.startedAt = startedAt
        findings = Mutex(Findings(remoteAddress: remoteAddress))
    }

    private struct Findings {
        var remoteAddress: IPAddress?
        var provenToken: ProvenToken?
        var caller: Caller?
        var introspector: IntrospectorID?
        var usesBasic = false
        var unrecognised: Refusal?
        var failure: String?
        var isProxied = false
        var rateLimits: RateLimitFields?
        var idempotentRequest: IdempotentRequest?
        var deprecation: Deprecation?
    }

    /// Where the request comes from: the peer, or whom a trusted proxy names; nil where the connection has no address.
    package var remoteAddress: IPAddress? {
        get { findings.withLock(\.remoteAddress) }
        set { findings.withLock { $0.remoteAddress = newValue } }
    }

    /// Whether the peer is a proxy whose word is taken.
    package var isProxied: Bool {
        get { findings.withLock(\.isProxied) }
        set { findings.withLock { $0.isProxied = newValue } }
    }

    /// The token whose hash matched, whatever came of it: its use is recorded.
    package var provenToken: ProvenToken? {
        get { findings.withLock(\.provenToken) }
        set { findings.withLock { $0.provenToken = newValue } }
    }

    /// Who is asking, once proven.
    package var caller: Caller? {
        get { findings.withLock(\.caller) }
        set { findings.withLock { $0.caller = newValue } }
    }

    /// The platform's introspector that is asking, once proven.
    var introspector: IntrospectorID? {
        get { findings.withLock(\.introspector) }
        set { findings.withLock { $0.introspector = newValue } }
    }

    /// Whether the credential came as HTTP Basic where that is taken: a refusal then says so (RFC 6749 §5.2).
    var usesBasic: Bool {
        get { findings.withLock(\.usesBasic) }
        set { findings.withLock { $0.usesBasic = newValue } }
    }

    /// Why the credential of somebody who needs none was refused.
    var unrecognised: Refusal? {
        get { findings.withLock(\.unrecognised) }
        set { findings.withLock { $0.unrecognised = newValue } }
    }

    /// Why the request failed, for the log only.
    package var failure: String? {
        get { findings.withLock(\.failure) }
        set { findings.withLock { $0.failure = newValue } }
    }

    /// What the limits say, for the response's header.
    package var rateLimits: RateLimitFields? {
        get { findings.withLock(\.rateLimits) }
        set { findings.withLock { $0.rateLimits = newValue } }
    }

    /// The request under its key, where the route takes one and the caller sent it.
    var idempotentRequest: IdempotentRequest? {
        get { findings.withLock(\.idempotentRequest) }
        set { findings.withLock { $0.idempotentRequest = newValue } }
    }

    /// That the operation will go.
    var deprecation: Deprecation? {
        get { findings.withLock(\.deprecation) }
        set { findings.withLock { $0.deprecation = newValue } }
    }
}
