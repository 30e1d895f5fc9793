package import FoundationEssentials

/// What a device that has logged in before shows at its next login: its guesses are counted apart from strangers'.
package struct DeviceToken: Sendable {
    package let user: UserID
    package let id: UUID
    package let hash: HashedToken
    package let expiresAt: Date

    package init(user: UserID, id: UUID, hash: HashedToken, expiresAt: Date) {
        self.user = user
        self.id = id
        self.hash = hash
        self.expiresAt = expiresAt
    }

    /// How long one holds, in seconds.
    package static let lifetime: TimeInterval = 365 * 86_400
}
