import Domain
import Foundation
import Postgres
import Testing

/// A tenant's own row changes with its audit entry, or not at all.
@Suite(.ownDatabase) struct TenantTableTests {
    private func tenancy(_ stores: Stores) -> Tenancy { Tenancy(store: stores.tenancy, now: { Moment.now }) }

    @Test func aChangeIsOneVersionAndOneEntry() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let before = try await stores.audit(of: ada.tenantID)
        for _ in 0..<2 {
            let tenant = try await tenancy(stores).change(TenantChange(name: "Acme Ltd"), as: ada.acting(), from: .sample)
            #expect(tenant.reference.name == "Acme Ltd")
            #expect(tenant.version == 2)
        }
        #expect(try await tenancy(stores).change(TenantChange(name: nil), as: ada.acting(), from: .sample).version == 2)
        let entries = try await stores.audit(of: ada.tenantID)
        #expect(Array(entries.dropFirst(before.count)) == [#"tenant.changed tenant \#(ada.tenantID) {"name": "Acme Ltd"}"#])
    }

    @Test func aDeletedTenantStaysDeleted() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        try await tenancy(stores).delete(as: ada.acting(), from: .sample)
        #expect(try await refusal { try await tenancy(stores).delete(as: ada.acting(), from: .sample) } == .notFound)
        #expect(
            try await refusal { _ = try await tenancy(stores).change(TenantChange(name: "x"), as: ada.acting(), from: .sample) } == .notFound)
        #expect(try await stores.people.tenant(ada.tenantID) == nil)
        #expect(try await stores.count("tenants", where: "id = \(ada.tenantID.uuid) AND status = 'deleted' AND version = 2") == 1)
        #expect(try await stores.audit(of: ada.tenantID).count { $0.hasPrefix("tenant.") } == 1)
    }

    /// The request was let in as an owner's, who is none any more when the change is made.
    @Test func whoIsNoOwnerByNowChangesNothing() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        _ = try await stores.superuser.query("UPDATE tessera.memberships SET role = 'admin' WHERE user_id = \(ada.user.id.uuid)")
        #expect(try await refusal { _ = try await tenancy(stores).change(TenantChange(name: "x"), as: ada.acting(), from: .sample) } == .forbidden)
        #expect(try await refusal { try await tenancy(stores).delete(as: ada.acting(), from: .sample) } == .forbidden)
        let invitations = Invitations(store: stores.invitations, now: { Moment.now })
        let made = try await invitations.create(EmailAddress("p@example.org")!, .viewer, as: ada.acting(as: .admin), from: .sample)
        #expect(try await refusal { try await invitations.withdraw(made.id, as: ada.acting(), from: .sample) } == .forbidden)
        #expect(try await refusal { _ = try await invitations.resend(made.id, as: ada.acting(), from: .sample) } == .forbidden)
        #expect(try await stores.count("tenants", where: "id = \(ada.tenantID.uuid) AND status = 'active' AND version = 1") == 1)
        #expect(try await stores.count("invitations", where: "id = \(made.id.uuid) AND withdrawn_at IS NULL") == 1)
    }

    @Test func onlyAFreshSessionOfAnOwnerDeletes() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let late = Tenancy(store: stores.tenancy, now: { Moment.after(15 * 60 + 1) })
        #expect(try await refusal { try await late.delete(as: ada.acting(), from: .sample) } == .reauthenticationRequired)
        #expect(try await refusal { try await tenancy(stores).delete(as: ada.acting(as: .admin), from: .sample) } == .forbidden)
        #expect(try await refusal { try await tenancy(stores).delete(as: ada.acting(byToken: true), from: .sample) } == .sessionRequired)
        #expect(try await stores.people.tenant(ada.tenantID) != nil)
    }
}
