import Domain
import FoundationEssentials

/// `tsf_` + user id + session id + its own id + `_` + secret + checksum.
enum RefreshTokenFormat {
    static func mint(_ id: RefreshTokenID, session: SessionID, user: UserID, expiresAt: Date) -> (plain: PlainToken, stored: RefreshToken)? {
        let text = CredentialFormat.refreshToken.mint([user.uuid, session.uuid, id.uuid])
        return CredentialFormat.hash(text).map { hash in
            (
                PlainToken(String(decoding: text, as: UTF8.self)),
                RefreshToken(id: id, session: session, user: user, hash: hash, expiresAt: expiresAt)
            )
        }
    }

    /// What a presented string says of itself; its expiry is the database's to know.
    static func parse(_ text: String) -> RefreshToken? {
        let bytes = Array(text.utf8)
        guard let ids = CredentialFormat.refreshToken.parse(bytes), let hash = CredentialFormat.hash(bytes) else { return nil }
        return RefreshToken(
            id: RefreshTokenID(ids[2]), session: SessionID(ids[1]), user: UserID(ids[0]), hash: hash, expiresAt: .distantFuture)
    }
}
