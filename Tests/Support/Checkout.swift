import Foundation

/// Where this checkout and its binaries are.
package enum Checkout {
    /// The path of a file of the checkout.
    package static func path(_ relative: String) -> String { root.appending(path: relative).path }

    /// An executable of the product, built beside these tests.
    package static func executable(_ name: String) throws -> String {
        let path = products.appending(path: name).path
        guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(what: "\(path): run swift build first") }
        return path
    }

    /// One of PostgreSQL's own programs, of the version that the tests run against.
    package static func postgres(_ program: String) -> String {
        (ProcessInfo.processInfo.environment["TESSERA_TEST_PG_BIN"] ?? "/usr/lib/postgresql/15/bin") + "/" + program
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The folder of the running test binary.
    private static let products: URL = {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let running = URL(filePath: link ?? CommandLine.arguments[0])
        let beside = running.deletingLastPathComponent()
        // The runner of Swift's own tests may live in the toolchain: then the bundle is an argument.
        if FileManager.default.fileExists(atPath: beside.appending(path: "tessera-api").path) { return beside }
        return root.appending(path: ".build/debug")
    }()
}
