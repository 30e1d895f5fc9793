package import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Takes tokens of another system over.
package struct ImportsController: Sendable {
    private let imports: TokenImports
    private let now: Now

    package init(imports: TokenImports, now: @escaping Now) {
        self.imports = imports
        self.now = now
    }

    @Sendable func create(_ call: Call, _ principal: Principal) async throws -> Response {
        let drafts = try TokenImportRequest(try await call.body()).drafts
        return try answer(try await imports.take(drafts, as: principal, from: call.origin, onRetry: call.onRetry(answer))).response
    }

    @Sendable private func answer(_ tokens: [APIToken]) throws -> Answer {
        let time = now()
        return try .json(ImportedTokensBody(tokens: tokens.map { TokenBody($0, at: time) }), status: .created)
    }
}

/// `{tokens: [{name, sha256, prefix?, ownerId? | serviceAccountId?, …}]}`, each like a token that is created.
struct TokenImportRequest {
    let drafts: [ImportDraft]

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        var drafts: [ImportDraft] = []
        let items = body.array("tokens", TokenImports.bounds)
        if items == nil, body.value("tokens") == nil { body.fault("tokens", "required", "tokens is required.") }
        for (index, item) in (items ?? []).enumerated() {
            guard case .object(let members) = item else {
                body.faultItem("tokens", index, "wrong_type", "A token is an object, not \(item.kind).")
                continue
            }
            var reader = BodyReader(members)
            if let draft = reader.importDraft() { drafts.append(draft) }
            body.absorb(reader, under: "tokens", at: index)
        }
        try body.finish()
        self.drafts = drafts
    }
}

extension BodyReader {
    /// nil where the name or the hash is at fault.
    fileprivate mutating func importDraft() -> ImportDraft? {
        let token = tokenDraft()
        let owner = id("ownerId", of: User.self)
        if owner != nil, token?.serviceAccount != nil { fault("ownerId", "conflict", "Give ownerId or serviceAccountId, not both.") }
        let prefix = string("prefix", ForeignPrefix.textBounds)
        let hash = requiredExactString("sha256", 64...64).flatMap { text in
            let hash = HashedToken(hex: text)
            if hash == nil { fault("sha256", "invalid", "sha256 is the SHA-256 of the whole token as 64 hexadecimal digits, 0-9 and a-f.") }
            return hash
        }
        guard let token, let hash else { return nil }
        return ImportDraft(token: token, hash: hash, prefix: prefix, owner: owner)
    }
}

/// All that were taken, in the order of the request.
struct ImportedTokensBody: Encodable, Sendable {
    let tokens: [TokenBody]
}
