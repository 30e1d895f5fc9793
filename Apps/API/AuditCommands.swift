import ArgumentParser
import Domain
import Foundation
import Synchronization

/// What an operator does about the audit log.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Verify the audit log (Docs/Audit.md).", subcommands: [Verify.self])

    /// Walks over the chains.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify that no row of the audit log was changed, removed or cut off.",
            discussion: """
                Recomputes every row's hash and follows the chain of each tenant from its anchor to its head. Ends with 1 and a sentence for \
                each broken chain. Changes nothing, and may run while the API serves.
                """)

        @Option(help: "Verify this tenant's chain only; otherwise every tenant's.")
        var tenant: String?

        @Option(help: "A file with lines that tessera-api logged: each \"\(AuditHead.message)\" in it must still be in its chain.")
        var heads: String?

        func validate() throws {
            if let tenant, TenantID(tenant) == nil {
                throw ValidationError("--tenant must be an id like 01a1fc35-d864-7bce-af53-ef682f92f317.")
            }
        }

        func run() async throws {
            let tenant = tenant.flatMap { TenantID($0) }
            try await Launch.reportingFailures { [heads] settings, logger, registry in
                let logged = try heads.map { try LoggedHeads(file: $0, of: tenant) }
                let (faults, sentence) = try await Composition(settings, logger, registry).auditVerification { verification in
                    let shown = ShownProgress()
                    let (faults, progress) = try await verification.faults(of: tenant) { shown.show($0) }
                    let walked = "\(progress.entries) rows of \(progress.tenants) tenants are in order"
                    guard let logged else { return (faults.map(\.description), walked) }
                    let (more, count) = try await logged.faults(by: verification)
                    return (faults.map(\.description) + more, walked + ", and \(count) logged heads are in their chains")
                }
                guard faults.isEmpty else { throw BrokenAudit(faults: faults) }
                print(sentence + ".")
            }
        }
    }
}

/// The audit log isn't what was written.
struct BrokenAudit: Error, CustomStringConvertible {
    /// A sentence each.
    let faults: [String]

    var description: String { faults.joined(separator: "\n") }
}

/// Says on standard error how far it is, every two seconds.
private final class ShownProgress: Sendable {
    private let next = Mutex(ContinuousClock.now + interval)
    private static let interval = Duration.seconds(2)

    func show(_ progress: AuditVerification.Progress) {
        let isDue = next.withLock { next in
            guard ContinuousClock.now >= next else { return false }
            next = .now + Self.interval
            return true
        }
        if isDue { FileHandle.standardError.write(Data("\(progress.entries) rows of \(progress.tenants) tenants so far\n".utf8)) }
    }
}

/// The heads in a file of logged lines.
private struct LoggedHeads: Sendable {
    private let path: String
    private let tenant: TenantID?

    /// Heads that are compared at a time, and bytes that are read.
    private static let (step, chunk) = (1000, 64 * 1024)

    /// - Parameter tenant: whose heads count; nil: all do.
    init(file path: String, of tenant: TenantID?) throws {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw NotReady(faults: ["\(path) can't be read: --heads takes a file of logged lines."])
        }
        (self.path, self.tenant) = (path, tenant)
    }

    /// Compares all. Answers a sentence for each that isn't where it was, and how many there were.
    func faults(by verification: AuditVerification) async throws -> (faults: [String], count: Int) {
        var (faults, count, heads): ([String], Int, [AuditHead]) = ([], 0, [])
        try await forEachLine { line in
            switch AuditHead.read(line) {
            case .head(let head) where tenant == nil || head.tenant == tenant: heads.append(head)
            case .head, .other: break
            case .unreadable: faults.append("\(path) has a damaged line about an audit head: \(line.prefix(200))")
            }
            guard heads.count == Self.step else { return }
            faults += try await verification.faults(of: heads).map(\.description)
            (count, heads) = (count + heads.count, [])
        }
        faults += try await verification.faults(of: heads).map(\.description)
        count += heads.count
        // A file of something else would pass for a proof.
        if count == 0 { faults.append("\(path) has no line about an audit head\(tenant.map { " of tenant \($0)" } ?? "").") }
        return (faults, count)
    }

    private func forEachLine(_ body: (String) async throws -> Void) async throws {
        guard let file = FileHandle(forReadingAtPath: path) else { return }
        defer { try? file.close() }
        var rest = Data()
        while let more = try file.read(upToCount: Self.chunk), !more.isEmpty {
            var lines = (rest + more).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            rest = Data(lines.removeLast())
            for line in lines { try await body(String(decoding: line, as: UTF8.self)) }
        }
        if !rest.isEmpty { try await body(String(decoding: rest, as: UTF8.self)) }
    }
}
