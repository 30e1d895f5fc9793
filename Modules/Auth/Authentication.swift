package import Domain

/// What came of a presented credential.
package struct Authentication: Sendable {
    /// The API token whose hash matched, whatever its state: its use is recorded, and only its holder is told why it was refused.
    package let provenToken: ProvenToken?
    package let outcome: Result<Caller, Refusal>
}
