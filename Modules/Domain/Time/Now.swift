package import FoundationEssentials

/// Where the time comes from: injected, so that tests can set it.
package typealias Now = @Sendable () -> Date

extension Date {
    /// This instant cut to the microsecond, which is what PostgreSQL's `timestamptz` keeps.
    package var microseconds: Date {
        Date(timeIntervalSince1970: (timeIntervalSince1970 * 1_000_000).rounded(.down) / 1_000_000)
    }
}
