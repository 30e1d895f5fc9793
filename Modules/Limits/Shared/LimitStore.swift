/// What a node asks of a limit that nodes share: one unit for the request at hand, and some to spend later on its own.
struct LimitAsk: Sendable {
    let key: LimitKey
    /// In microseconds.
    let pace: Pace
    let isShadow: Bool
    /// Units to spend later; 0: none.
    let wanted: Int
    /// Microseconds within which the later units are spent, or lost.
    let lifetime: UInt64
    /// Whether the later units may be paid for by what would have come back meanwhile.
    let mayPay: Bool
}

/// How all that was asked stands.
struct LimitAnswer: Sendable {
    /// Microseconds on the store's clock.
    let now: UInt64
    /// Which of the asks is used up, so that nothing was taken; nil: every unit was.
    let refused: Int?
    let grants: [Grant]

    struct Grant: Sendable {
        /// Arrival time (``GCRA``) on the store's clock.
        let arrival: UInt64
        /// Units to spend later.
        let units: Int
        /// Only watched, and used up: nothing was taken of this one.
        let isShadowed: Bool
    }
}

/// A count that nodes share.
protocol LimitStore: Sendable {
    /// Takes what is asked: of each limit the unit at hand, or of none. Throws where it is away or slow; then units may be lost.
    func take(_ asks: [LimitAsk]) async throws -> LimitAnswer
}
