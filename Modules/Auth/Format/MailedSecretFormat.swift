import Domain
import FoundationEssentials

/// `tsm_` + its own id + `_` + secret + checksum: what a mail's link carries behind its `#`.
enum MailedSecretFormat {
    static func mint(_ purpose: SecretPurpose, at time: Date) -> (plain: PlainToken, stored: OneTimeSecret)? {
        let id = UUID.v7(at: time)
        let text = CredentialFormat.mailedSecret.mint([id])
        return CredentialFormat.hash(text).map { hash in
            (PlainToken(String(decoding: text, as: UTF8.self)), OneTimeSecret(purpose: purpose, id: id, hash: hash))
        }
    }

    /// nil for what was never one of ours.
    static func parse(_ text: String, for purpose: SecretPurpose) -> OneTimeSecret? {
        let bytes = Array(text.utf8)
        guard let ids = CredentialFormat.mailedSecret.parse(bytes), let hash = CredentialFormat.hash(bytes) else { return nil }
        return OneTimeSecret(purpose: purpose, id: ids[0], hash: hash)
    }
}
