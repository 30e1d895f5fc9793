import Domain
import Foundation
import Postgres
import Testing

/// Invitations, their mails and their entries are stored together.
@Suite(.ownDatabase) struct InvitationTableTests {
    private func invitations(_ stores: Stores, at time: Date = Moment.now) -> Invitations { Invitations(store: stores.invitations, now: { time }) }

    private let bea = EmailAddress("bea@example.org")!

    @Test func creatingAndResendingQueueAMailEach() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let before = try await stores.audit(of: ada.tenantID)
        let made = try await invitations(stores).create(bea, .member, as: ada.acting(), from: .sample)
        #expect(made.expiresAt == Moment.after(Moment.week))
        let resent = try await invitations(stores, at: Moment.after(60)).resend(made.id, as: ada.acting(), from: .sample)
        #expect(resent.expiresAt.inMicroseconds == Moment.after(60 + Moment.week).inMicroseconds)
        let mails: SQL = """
            tenant_id = \(ada.tenantID.uuid) AND kind = 'invitation' AND recipient = 'bea@example.org' AND subject_id = \(made.id.uuid)
                AND details = '{"role": "member"}'
            """
        #expect(try await stores.count("outbox", where: mails) == 2)
        #expect(try await stores.count("outbox", where: "\(mails) AND next_attempt_at = \(Moment.after(60))") == 1)
        try await invitations(stores).withdraw(made.id, as: ada.acting(), from: .sample)
        for action in [
            { try await invitations(stores).withdraw(made.id, as: ada.acting(), from: .sample) },
            { _ = try await invitations(stores).resend(made.id, as: ada.acting(), from: .sample) },
        ] { #expect(try await refusal(action) == .notFound) }
        let entries = ["created", "resent", "withdrawn"].map { #"invitation.\#($0) invitation \#(made.id) {"role": "member"}"# }
        #expect(Array(try await stores.audit(of: ada.tenantID).dropFirst(before.count)) == entries)
        #expect(try await stores.count("outbox", where: mails) == 2)
    }

    @Test func aRefusedInvitationLeavesNothingBehind() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let eve = try await stores.member(of: ada.tenantID, as: .admin)
        _ = try await invitations(stores).create(bea, .member, as: ada.acting(), from: .sample)
        let own: SQL = "tenant_id = \(ada.tenantID.uuid)"
        let (mails, entries) = (try await stores.count("outbox", where: own), try await stores.audit(of: ada.tenantID))
        let address = try #require(EmailAddress(eve.user.email))
        #expect(try await refusal { _ = try await invitations(stores).create(address, .viewer, as: ada.acting(), from: .sample) } == .alreadyMember)
        #expect(try await refusal { _ = try await invitations(stores).create(bea, .viewer, as: ada.acting(), from: .sample) } == .alreadyInvited)
        // Who was let in as an owner, and is none by now.
        let stale = eve.acting(as: .owner, in: ada.tenant)
        let other = EmailAddress("cat@example.org")!
        #expect(try await refusal { _ = try await invitations(stores).create(other, .owner, as: stale, from: .sample) } == .forbidden)
        #expect(try await stores.count("outbox", where: own) == mails)
        #expect(try await stores.audit(of: ada.tenantID) == entries)
        #expect(try await stores.count("invitations", where: own) == 1)
    }

    @Test func anExpiredInvitationGivesWayUnlessItReachesFurther() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let eve = try await stores.member(of: ada.tenantID, as: .admin)
        let first = try await invitations(stores).create(bea, .owner, as: ada.acting(), from: .sample)
        let later = invitations(stores, at: Moment.after(Moment.week))
        let admin = eve.acting(as: .admin, in: ada.tenant)
        #expect(try await refusal { _ = try await later.create(bea, .member, as: admin, from: .sample) } == .alreadyInvited)
        let before = try await stores.audit(of: ada.tenantID)
        let second = try await later.create(bea, .member, as: ada.acting(), from: .sample)
        let listed = try await later.list(PageRequest(.number(1), limit: 10), as: ada.acting())
        #expect(listed.items.map(\.id) == [second.id])
        #expect(listed.total == 1)
        let entries = try await stores.audit(of: ada.tenantID).dropFirst(before.count)
        #expect(
            Set(entries) == [
                #"invitation.withdrawn invitation \#(first.id) {"replacedBy": "\#(second.id)"}"#,
                #"invitation.created invitation \#(second.id) {"role": "member"}"#,
            ])
    }

    @Test func ofManyAtOnceOneInvites() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
            for _ in 0..<16 {
                group.addTask { try await refusal { _ = try await invitations(stores).create(bea, .member, as: ada.acting(), from: .sample) } }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == nil } == 1)
        #expect(codes.count { $0 == .alreadyInvited } == 15)
        #expect(try await stores.count("outbox", where: "tenant_id = \(ada.tenantID.uuid)") == 1)
    }

    @Test func aListIsPagedNewestFirst() async throws {
        let stores = try Stores.required()
        let ada = try await stores.register()
        for number in 0..<5 {
            // Two in the same instant.
            let time = Moment.after(Double(number / 2))
            _ = try await invitations(stores, at: time).create(EmailAddress("p\(number)@example.org")!, .member, as: ada.acting(), from: .sample)
        }
        var (seen, position): ([Invitation], PageRequest.Position) = ([], .number(1))
        while true {
            let page = try await invitations(stores).list(PageRequest(position, limit: 2), as: ada.acting())
            seen += page.items
            guard let next = page.next else { break }
            position = .after(next)
        }
        #expect(seen.count == 5)
        #expect(Set(seen.map(\.id)).count == 5)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.createdAt >= $1.createdAt })
        let other = try await stores.register()
        #expect(try await invitations(stores).list(PageRequest(.number(1), limit: 2), as: other.acting()).items.isEmpty)
        #expect(try await refusal { try await invitations(stores).withdraw(seen[0].id, as: other.acting(), from: .sample) } == .notFound)
    }
}
