/// The two headers of draft-ietf-httpapi-ratelimit-headers that tell how much is left.
package struct RateLimitFields: Sendable {
    /// e.g. `"token";q=600;w=60`.
    package let policy: String
    /// e.g. `"token";r=597;t=1`.
    package let state: String
}
