import Domain
import FoundationEssentials

/// `tsd_` + user id + its own id + `_` + secret + checksum.
enum DeviceTokenFormat {
    static func mint(for user: UserID, at time: Date) -> (plain: PlainToken, stored: DeviceToken)? {
        let id = UUID.v7(at: time)
        let text = CredentialFormat.deviceToken.mint([user.uuid, id])
        return CredentialFormat.hash(text).map { hash in
            (
                PlainToken(String(decoding: text, as: UTF8.self)),
                DeviceToken(user: user, id: id, hash: hash, expiresAt: time + DeviceToken.lifetime)
            )
        }
    }

    /// What a presented string says of itself; its expiry is the database's to know.
    static func parse(_ text: String) -> DeviceToken? {
        let bytes = Array(text.utf8)
        guard let ids = CredentialFormat.deviceToken.parse(bytes), let hash = CredentialFormat.hash(bytes) else { return nil }
        return DeviceToken(user: UserID(ids[0]), id: ids[1], hash: hash, expiresAt: .distantFuture)
    }
}
