import Domain
import Foundation
import Testing

/// A mail is taken by one node at a time, and not lost by one that dies.
@Suite(.ownDatabase) struct OutboxTests {
    @Test func aMailIsTakenOnceUntilItsLeaseIsOver() async throws {
        let stores = try Stores.required()
        for _ in 0..<30 { _ = try await stores.register() }
        let taken = try await withThrowingTaskGroup(of: [QueuedMail].self) { group in
            for _ in 0..<8 { group.addTask { try await stores.outbox.take(20, lease: 60, at: Moment.now) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(taken.count == 30)
        #expect(Set(taken.map(\.mail.id)).count == 30)
        #expect(try await stores.outbox.take(100, lease: 60, at: Moment.after(59)).isEmpty)
        let again = try await stores.outbox.take(100, lease: 60, at: Moment.after(60))
        #expect(again.count == 30)
        #expect(again.allSatisfy { $0.attempts == 1 })
        try await stores.outbox.finish(again[0].mail, at: Moment.after(61))
        try await stores.outbox.fail(again[1].mail, reason: "451", retry: Moment.after(500))
        try await stores.outbox.fail(again[2].mail, reason: "550", retry: nil)
        #expect(try await stores.outbox.take(100, lease: 60, at: Moment.after(499)).count == 27)
        #expect(try await stores.outbox.take(100, lease: 60, at: Moment.after(500)).map(\.mail.id) == [again[1].mail.id])
    }
}
