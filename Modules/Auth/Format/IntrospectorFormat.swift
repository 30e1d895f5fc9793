import Domain
import FoundationEssentials

/// `tsi_` + its own id + `_` + secret + checksum: what a platform's introspector shows.
enum IntrospectorFormat {
    static func mint(_ id: IntrospectorID) -> (plain: PlainToken, hash: HashedToken)? {
        let text = CredentialFormat.introspector.mint([id.uuid])
        return CredentialFormat.hash(text).map { (PlainToken(String(decoding: text, as: UTF8.self)), $0) }
    }

    /// What a presented string says of itself; nil for what was never one of ours.
    static func parse(_ text: String) -> (id: IntrospectorID, hash: HashedToken)? {
        let bytes = Array(text.utf8)
        guard let ids = CredentialFormat.introspector.parse(bytes), let hash = CredentialFormat.hash(bytes) else { return nil }
        return (IntrospectorID(ids[0]), hash)
    }
}
