/// Which versions of something a change may rest on: whoever changes what they have read doesn't overwrite what another wrote since.
package enum Precondition: Sendable {
    /// Any version, as long as there is one.
    case none
    case version(anyOf: Set<Int>)

    /// Whether the change may be made to `version`.
    package func allows(_ version: Int) -> Bool {
        switch self {
        case .none: true
        case .version(let versions): versions.contains(version)
        }
    }

    /// Throws ``ErrorCode/preconditionFailed`` unless the change may be made to `version`.
    package func check(_ version: Int) throws(Refusal) {
        guard allows(version) else { throw .stale }
    }
}

extension Refusal {
    /// Another version was changed than the request rests on.
    package static var stale: Refusal {
        Refusal(.preconditionFailed, "It has changed since you read it: read it again, and decide anew.")
    }
}
