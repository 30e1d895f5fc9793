import Foundation
import Support
import Testing

/// The README's quickstart works as it stands.
@Suite struct QuickstartTests {
    @Test func readmeQuickstartEndsInARefusal() async throws {
        let readme = try String(contentsOfFile: Checkout.path("README.md"), encoding: .utf8)
        let section = try #require(readme.range(of: "## Quickstart"))
        let block = try #require(readme[section.upperBound...].firstMatch(of: /```sh\n((?s).*?)```/)).1
        try await RunningAPI.with { api in
            let script = block.replacingOccurrences(of: "http://127.0.0.1:8080", with: api.url)
            let finished = try await run("/bin/bash", ["-euc", script])
            #expect(finished.code == 0, "\(finished.errors)")
            let lines = finished.output.split(separator: "\n").map { JSON(Data($0.utf8)) }
            try #require(lines.count == 3, "\(finished.output)")
            #expect(lines[0].tokenType.string == "apiToken")
            #expect(lines[0].tenant.slug.string == "acme")
            #expect(lines[1].usage.array.map(\.endpoint.string) == ["/api/v1/me"])
            #expect(lines[1].pagination.total.int == 1)
            #expect(lines[2].status.int == 401)
            #expect(lines[2].detail.string == "The access token was revoked.")
        }
    }

    @Test func operationsTableHasEveryKeyThereIs() async throws {
        let operations = try String(contentsOfFile: Checkout.path("Docs/Operations.md"), encoding: .utf8)
        let keys = try String(contentsOfFile: Checkout.path("Apps/API/Configuration/SettingKeys.swift"), encoding: .utf8)
        let names = keys.matches(of: /"([a-z]+\.[a-zA-Z]+)"/).map { String($0.1) }
        #expect(names.count > 20)
        for name in names {
            let short = name.split(separator: ".").last.map(String.init) ?? name
            #expect(operations.contains("`\(name)`") || operations.contains("`.\(short)`"), "\(name)")
        }
    }

    @Test func everyPromiseHasItsTest() throws {
        let promises = try String(contentsOfFile: Checkout.path("Docs/Security.md"), encoding: .utf8)
        let names = promises.matches(of: /`([a-z][A-Za-z]{20,})`/).map { String($0.1) }
        #expect(names.count > 30)
        let root = Checkout.path("Tests")
        let files = try #require(FileManager.default.enumerator(atPath: root)).compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }
        let tests = try files.map { try String(contentsOfFile: root + "/" + $0, encoding: .utf8) }.joined()
        for name in names { #expect(tests.contains("func \(name)("), "\(name)") }
    }
}
