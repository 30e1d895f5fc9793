package import Foundation

/// A server in Python, for as long as a test needs it: one of the programs in `MailTests/Servers`, or in another folder.
package struct PythonServer: Sendable {
    package let port: Int
    private let process: ChildProcess

    /// The Python that `need_python_packages` (scripts/lib/packages.sh) made.
    package static func python() throws -> String {
        guard let path = ProcessInfo.processInfo.environment["TESSERA_TEST_PYTHON"] else {
            throw Missing(what: "TESSERA_TEST_PYTHON: run the tests by scripts/test")
        }
        return path
    }

    package static func path(_ name: String, in folder: String = mailServers) -> String { Checkout.path("\(folder)/\(name).py") }

    package static let mailServers = "Tests/MailTests/Servers"

    /// Starts `name`, and ends it after `body`, whatever happened.
    package static func with<Value>(
        _ name: String, in folder: String = mailServers, _ arguments: [String], _ body: (PythonServer) async throws -> Value
    ) async throws -> Value {
        let process = try ChildProcess(python(), [path(name, in: folder)] + arguments)
        defer { process.signal(SIGKILL) }
        try await eventually("\(name) has a port") {
            guard process.isRunning || process.standardOutput.contains("port ") else { throw Missing(what: process.standardError) }
            return process.standardOutput.contains("\n")
        }
        guard let port = process.standardOutput.split(separator: "\n").first?.split(separator: " ").last.flatMap({ Int($0) }) else {
            throw Missing(what: "a port in \(process.standardOutput)")
        }
        return try await body(PythonServer(port: port, process: process))
    }

    /// All that it printed since its port.
    package var lines: [String] { process.standardOutput.split(separator: "\n").dropFirst().map(String.init) }

    package var messages: [ReceivedMail] {
        get throws {
            try lines.filter { $0.hasPrefix("message ") }.map { try JSONDecoder().decode(ReceivedMail.self, from: Data($0.dropFirst(8).utf8)) }
        }
    }

    /// Without credentials and TLS.
    package var plainURL: String { "smtp://127.0.0.1:\(port)?tls=none" }

    /// Returns when the client is gone.
    package func closed() async throws { try await eventually("the client is gone") { lines.last == "closed" } }
}

/// What `accepting.py` prints of a message.
package struct ReceivedMail: Decodable, Sendable {
    package let sender: String
    package let recipients: [String]
    package let isEncrypted: Bool
    package let isAuthenticated: Bool
    package let options: [String]
    package let subject: String
    package let text: String
    package let content: Data
}
