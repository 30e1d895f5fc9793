import FoundationEssentials
import NIOPosix
import SystemPackage

/// Keeps messages in a directory instead of sending them: for development, and for hosts whose mail another program picks up.
package struct MailboxTransport: MailTransport {
    private let directory: String
    private let pool: NIOThreadPool
    private let files: NonBlockingFileIO

    /// - Parameter directory: made with mode 0700, and what is above it, if it isn't there.
    package init(directory: String) {
        self.directory = directory
        pool = .singleton
        files = NonBlockingFileIO(threadPool: pool)
    }

    /// `<directory>/<yyyyMMdd-HHmmss>-<id>.eml`, by the message's date in UTC. Another attempt replaces the file of the first.
    package func path(of message: MailMessage) -> String { "\(directory)/\(MailDate(message.date).stamp)-\(message.id.uuidString.lowercased()).eml" }

    /// Writes the file with mode 0600, beside its place, and moves it there: who sees it sees all of it.
    ///
    /// Throws ``MailFailure/unwritable(_:)``. It isn't synced: a message may be lost to a power failure.
    package func send(_ message: MailMessage) async throws {
        let destination = path(of: message)
        let temporary = "\(directory)/.\(UUID().uuidString.lowercased()).tmp"
        do {
            try await files.createDirectory(path: directory, withIntermediateDirectories: true, mode: 0o700)
            try await pool.runIfActive { [temporary] in
                let file = try FileDescriptor.open(
                    FilePath(temporary), .writeOnly, options: [.create, .exclusiveCreate], permissions: [.ownerRead, .ownerWrite])
                _ = try file.closeAfter { try file.writeAll(message.rfc5322()) }
            }
            try await files.rename(path: temporary, newName: destination)
        } catch {
            // There may be none: then this fails, and that's all right.
            try? await files.remove(path: temporary)
            throw error is CancellationError ? error : MailFailure.unwritable("\(destination): \(error)")
        }
    }
}
