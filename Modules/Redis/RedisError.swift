/// Why a question wasn't answered. Whether it was acted on isn't known, but for ``unavailable`` and ``overloaded``, where it wasn't sent.
package enum RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no connection at the moment; one is being made.
    case unavailable
    /// As many questions as may be are waiting for their answers.
    case overloaded
    case timedOut
    case closed
    /// The connection broke for that reason: TLS, mostly.
    case broken(String)
    /// The server's own words.
    case refused(String)
    /// What came is no RESP, or not what was asked for.
    case unintelligible

    package var description: String {
        switch self {
        case .unavailable: "there is no connection"
        case .overloaded: "too many questions are in flight"
        case .timedOut: "it did not answer in time"
        case .closed: "the connection was closed"
        case .broken(let reason): "the connection broke: \(reason)"
        case .refused(let words): "it said: \(words)"
        case .unintelligible: "it did not speak RESP"
        }
    }
}
