/// Counts requests against limits.
package protocol Limiter: Sendable {
    /// Makes every charge, or none if one of the limits is used up: a refused request costs nothing.
    func admit(_ charges: [LimitCharge]) async -> LimitVerdict
}
