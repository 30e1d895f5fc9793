package import FoundationEssentials

/// The bounds of API.md for tokens.
package enum TokenBounds {
    /// Unicode scalars after trimming.
    package static let name = 1...100
    package static let description = 0...500
    package static let scopes = 1...50
    /// Seconds that a replaced secret may still be taken.
    package static let overlapSeconds = 0...86_400
    package static let networks = 0...50
    /// Bytes of JSON, and how deep it may nest.
    package static let metadataBytes = 4096
    package static let metadataDepth = 4
    /// Live tokens (not revoked, not deleted) an owner.
    package static let perOwner = 200
    package static let expiresInDays = 1...36_500
    /// 9000-12-31T23:59:59Z: an expiry behind it is a slip.
    package static let latestExpiry = Date(timeIntervalSince1970: 221_876_927_999)
}
