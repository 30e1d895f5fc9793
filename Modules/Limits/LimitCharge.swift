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

    package init(_ key: LimitKey, _ limit: Limit) {
        self.key = key
        self.limit = limit
    }
}

/// What became of a set of charges: all were made, or none.
package struct LimitVerdict: Sendable {
    /// How each limit stands afterwards, in the order of the charges.
    package let states: [State]
    /// The first limit that was used up.
    package let refused: Refused?

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
}
