package import Domain

/// What came of a presented credential.
package struct Authentication: Sendable {
    /// The API token whose hash matched, whatever its state: its use is recorded, and only its holder is told why it was refused.
    package let provenToken: ProvenToken?
    package let outcome: Result<Caller, Refusal>
    /// How a token was answered that wasn't found; nil: it was, or the credential was none.
    package var miss: TokenMiss?
}

/// How a well-formed API token was answered whose id wasn't found.
package enum TokenMiss: String, Sendable, CaseIterable {
    /// The database has none under this id.
    case absent
    /// It had none a few seconds ago, and wasn't asked again.
    case remembered
    /// Too many ids that this process doesn't know were looked up at that moment: nobody asked, so the answer is 503.
    case turnedAway = "turned_away"
}
