import Foundation
import Support
import Testing

/// The way that is documented for moving tokens is one.
@Suite struct DocumentedImportTests {
    @Test func theDocumentedImportWorks() async throws {
        let page = try String(contentsOfFile: Checkout.path("Docs/Imports.md"), encoding: .utf8)
        let block = try #require(page.firstMatch(of: /```sh\n((?s).*?)```/)).1
        try await RunningAPI.with { api in
            let (root, ada) = (try await api.platformAdmin(), try await api.register())
            let given = """
                base=\(api.url) tenant=\(ada.tenant) root=\(root.accessToken) session=\(ada.accessToken)
                old=acme_live_0123456789abcdef0123456789abcdef

                """
            let finished = try await run("/bin/bash", ["-euc", given + block])
            #expect(finished.code == 0, "\(finished.errors)")
            let lines = finished.output.split(separator: "\n").map { JSON(Data($0.utf8)) }
            try #require(lines.count == 3, "\(finished.output)")
            #expect(lines[0].tokenPrefix.prefix.string == "acme_live_")
            #expect(lines[1].tokens[0].tokenPrefix.string == "acme_live_")
            #expect(lines[2].tokenId == lines[1].tokens[0].id)
            #expect(lines[2].email.string == ada.email)
        }
    }
}
