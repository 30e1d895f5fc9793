/// Whose use of what is counted.
package struct LimitKey: Hashable, Sendable {
    package let kind: LimitKind
    package let subject: Subject

    package init(_ kind: LimitKind, _ subject: Subject) {
        self.kind = kind
        self.subject = subject
    }

    /// An id or address in two words, or a text.
    package enum Subject: Hashable, Sendable {
        case words(UInt64, UInt64)
        case text(String)
    }
}

/// One request against one limit.
package struct LimitCharge: Sendable {
    package let key: LimitKey
    package let limit: Limit
    /// Whether the limit is only watched: where it is used up, the request goes on without it.
    package let isShadow: Bool

    package init(_ key: LimitKey, _ limit: Limit, isShadow: Bool = false) {
        self.key = key
        self.limit = limit
        self.isShadow = isShadow
    }
}

/// What became of a set of charges: all were made, or none. A limit that is only watched never stands in the others' way.
package struct LimitVerdict: Sendable {
    /// How each limit that is enforced stands afterwards, in the order of the charges.
    package let states: [State]
    /// The first limit that was used up.
    package let refused: Refused?
    /// Limits that are only watched and would have refused.
    package let shadowed: [LimitKind]
    /// Who decided.
    package let source: Source

    package struct State: Sendable {
        package let kind: LimitKind
        package let limit: Limit
        /// Requests left now.
        package let remaining: Int
        /// Whole seconds until there is one more.
        package let untilNext: Int
    }

    package struct Refused: Sendable {
        package let kind: LimitKind
        /// Whole seconds, at least 1.
        package let retryAfter: Int
    }

    package enum Source: String, Sendable, CaseIterable {
        /// This process's own count, which is all there is.
        case memory
        /// What this process knew of the shared count: units it had taken before, or a refusal that still holds.
        case lease
        /// The shared store.
        case store
        /// This process's share of the limit, since the shared store didn't answer.
        case fallback
    }
}
