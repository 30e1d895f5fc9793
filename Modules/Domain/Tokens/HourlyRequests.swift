package import FoundationEssentials

/// How often a token was used in each of the last 24 hours, the oldest first. Hours are those of UTC, so the last one is the running hour,
/// which isn't whole yet. Refusals count: they were made with the token too.
package struct HourlyRequests: Sendable {
    package static let hours = 24
    /// Always 24.
    package private(set) var counts = [Int](repeating: 0, count: hours)

    package init() {}

    /// When the first of the hours that end with the one of `now` began.
    package static func start(at now: Date) -> Date {
        let hour = (now.timeIntervalSince1970 / 3600).rounded(.down)
        return Date(timeIntervalSince1970: (hour - Double(hours - 1)) * 3600)
    }

    /// Adds what was counted in the hour that began at `bucket`; what is outside of the hours since `start` counts nowhere.
    package mutating func add(_ requests: Int, in bucket: Date, since start: Date) {
        let hour = Int((bucket.timeIntervalSince(start) / 3600).rounded(.down))
        if counts.indices.contains(hour) { counts[hour] += requests }
    }
}

/// A page of tokens, and what each did lately where that was asked for.
package struct TokenListing: Sendable {
    package let page: Page<APIToken>
    /// nil: nobody asked. A token that did nothing isn't in it.
    package let requests: [TokenID: HourlyRequests]?

    package init(page: Page<APIToken>, requests: [TokenID: HourlyRequests]?) {
        self.page = page
        self.requests = requests
    }
}
