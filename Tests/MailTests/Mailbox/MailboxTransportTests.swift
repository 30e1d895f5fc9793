import Foundation
import Mail
import Testing

/// A message is a file, whole and private.
@Suite struct MailboxTransportTests {
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let parent = FileManager.default.temporaryDirectory.appending(path: "tessera-mail-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: parent) }
        try await body(parent + "/outbox")
    }

    private func mode(_ path: String) throws -> Int? { try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }

    @Test func messageBecomesAPrivateFile() async throws {
        try await withDirectory { directory in
            let mailbox = MailboxTransport(directory: directory)
            let message = try MailMessage.sample()
            try await mailbox.send(message)
            let path = mailbox.path(of: message)
            #expect(path == "\(directory)/19941106-084937-\(message.id.uuidString.lowercased()).eml")
            #expect(FileManager.default.contents(atPath: path) == Data(message.rfc5322()))
            #expect(try mode(path) == 0o600)
            #expect(try mode(directory) == 0o700)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 1)
        }
    }

    @Test func anotherAttemptReplacesTheFile() async throws {
        try await withDirectory { directory in
            let mailbox = MailboxTransport(directory: directory)
            let id = UUID()
            try await mailbox.send(.sample(text: String(repeating: "first\n", count: 100), id: id))
            let second = try MailMessage.sample(text: "second\n", id: id)
            try await mailbox.send(second)
            try await mailbox.send(.sample())
            #expect(FileManager.default.contents(atPath: mailbox.path(of: second)) == Data(second.rfc5322()))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 2)
        }
    }

    @Test func unusableDirectoryIsATransientFailure() async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(atPath: (directory as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            #expect(FileManager.default.createFile(atPath: directory, contents: nil))
            let failure = try await #require(throws: MailFailure.self) { try await MailboxTransport(directory: directory).send(.sample()) }
            guard case .unwritable = failure else { throw failure }
            #expect(!failure.isPermanent)
        }
    }
}
