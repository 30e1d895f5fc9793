package import FoundationEssentials

/// Who acts in a tenant, and owns its tokens: a person, or a service account.
package enum Subject: Sendable {
    case person(User.Profile)
    case serviceAccount(ServiceAccount.Reference)

    package var id: SubjectID {
        switch self {
        case .person(let profile): .user(profile.id)
        case .serviceAccount(let account): .serviceAccount(account.id)
        }
    }

    package var name: String {
        switch self {
        case .person(let profile): profile.name
        case .serviceAccount(let account): account.name
        }
    }

    /// nil for a service account.
    package var profile: User.Profile? {
        if case .person(let profile) = self { profile } else { nil }
    }
}

/// The id of an ``Subject``, with its kind.
package enum SubjectID: Hashable, Sendable, CustomStringConvertible {
    case user(UserID)
    case serviceAccount(ServiceAccountID)

    package var uuid: UUID {
        switch self {
        case .user(let id): id.uuid
        case .serviceAccount(let id): id.uuid
        }
    }

    package var description: String { uuid.lowercased }
}
