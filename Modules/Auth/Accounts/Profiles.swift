package import Domain
import FoundationEssentials

/// What people do with their own account, by a session. All functions throw ``Refusal``.
package struct Profiles: Sendable {
    private let store: any ProfileStore
    private let passwords: PasswordHasher
    private let loginGuard: LoginGuard
    private let now: Now

    package init(store: any ProfileStore, passwords: PasswordHasher, loginGuard: LoginGuard, now: @escaping Now) {
        self.store = store
        self.passwords = passwords
        self.loginGuard = loginGuard
        self.now = now
    }

    /// Changes the name at once; another e-mail takes the current password and waits until it is confirmed, and the old one is told. The own
    /// e-mail takes such a wish back, and is mailed again where it isn't confirmed.
    package func change(
        name: String?, email: EmailAddress?, currentPassword: String?, of person: Person, from origin: Origin
    ) async throws -> User.Profile {
        let staysAsItIs = email?.text == person.profile.email
        let email = staysAsItIs ? nil : email
        var provenHash: String?
        if email != nil {
            guard let currentPassword else {
                throw Refusal.invalid([FieldFault("/currentPassword", "required", "Another e-mail takes the current password.")])
            }
            provenHash = try await prove(currentPassword, person)
        }
        let user = person.profile
        let time = now().microseconds
        var change = ProfileChange(name: name, pendingEmail: email, at: time, in: person.realm)
        change.clearsPendingEmail = staysAsItIs
        change.provenHash = provenHash
        // The way to another mail, where the first was lost.
        if staysAsItIs, !user.emailVerified { change.mails = [OutgoingMail(.emailConfirmation, to: user.email, about: user.id.uuid, at: time)] }
        if let name {
            let changes: [String: String?] = ["from": user.name, "to": name]
            change.audits.append(AuditEntry(.userRenamed, of: .user(user.id), by: .user(user.id), from: origin, at: time, changes: changes))
        }
        if let email {
            change.audits.append(AuditEntry(.emailChangeRequested, of: .user(user.id), by: .user(user.id), from: origin, at: time))
            change.mails = [
                OutgoingMail(.emailConfirmation, to: email.text, about: user.id.uuid, at: time),
                OutgoingMail(.emailChanged, to: user.email, about: user.id.uuid, at: time),
            ]
        }
        guard let changed = try await store.change(user.id, change) else { throw Refusal.wrongPassword }
        return changed
    }

    /// Sets another password: every other session ends, and with `revokesTokens` the person's API tokens in every tenant.
    package func changePassword(
        from current: String, to new: String, revokesTokens: Bool, of person: Person, from origin: Origin
    ) async throws {
        let provenHash = try await prove(current, person)
        let hash = try await passwords.hash(new)
        let user = person.profile
        let time = now().microseconds
        let change = PasswordChange(
            hash: hash, provenHash: provenHash, revokesTokens: revokesTokens, at: time, in: person.realm,
            audit: AuditEntry(
                .passwordChanged, of: .user(user.id), by: .user(user.id), from: origin, at: time,
                changes: ["tokens": revokesTokens ? "revoked" : "kept"]),
            mail: OutgoingMail(.passwordChanged, to: user.email, about: user.id.uuid, at: time))
        guard try await store.setPassword(of: user.id, change, keeping: person.session.id) else { throw Refusal.wrongPassword }
    }

    /// Deletes the person's account, in every tenant. Takes a fresh session.
    package func delete(_ person: Person, from origin: Origin) async throws {
        try person.requireFresh(at: now())
        try await store.delete(person.id, from: origin, at: now().microseconds)
    }

    package func export(_ person: Person) async throws -> PersonalData {
        guard let data = try await store.export(person.id, at: now()) else { throw Refusal.notFound }
        return data
    }

    /// Answers the hash that the password was compared with.
    private func prove(_ password: String, _ person: Person) async throws -> String {
        _ = try await loginGuard.reserve(.session(person.session.id), at: now())
        let hash = try await store.passwordHash(of: person.id)
        guard try await passwords.verify(password, hash), let hash else { throw Refusal.wrongPassword }
        return hash
    }
}
