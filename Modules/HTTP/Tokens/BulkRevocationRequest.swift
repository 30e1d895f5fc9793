import Domain
import FoundationEssentials

/// `{filter, dryRun?, expectedCount?}`: what isn't said to be real only counts, and what is real repeats the count.
struct BulkRevocationRequest {
    let selection: TokenSelection
    /// nil: only counted.
    let expected: Int?

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        let selection = body.selection("filter")
        let isDry = body.bool("dryRun") ?? true
        let expected = body.integer("expectedCount", 0...1_000_000)
        if !isDry, expected == nil {
            body.fault("expectedCount", "required", "A real revocation repeats the count that the dry run gave.")
        }
        try body.finish()
        guard let selection else { throw .invalid(body.faults) }
        self.selection = selection
        self.expected = isDry ? nil : expected
    }
}

extension BodyReader {
    /// A filter that says something: an empty one would mean everything.
    fileprivate mutating func selection(_ name: String) -> TokenSelection? {
        guard let members = object(name) else {
            if !has(name) { fault(name, "required", "\(name) is required.") }
            return nil
        }
        var reader = BodyReader(members)
        var selection = TokenSelection()
        selection.all = reader.bool("all") ?? false
        selection.ids = reader.ids("ids")
        let account = reader.id("serviceAccountId", of: ServiceAccount.self)
        let owner = reader.id("ownerId", of: User.self)
        if account != nil, owner != nil { reader.fault("ownerId", "conflict", "Give ownerId or serviceAccountId, not both.") }
        selection.owner = account.map { .serviceAccount($0) } ?? owner.map { .user($0) }
        selection.search = reader.string("q", 1...100)
        selection.neverExpires = reader.bool("neverExpires")
        selection.idleDays = reader.integer("idleDays", TokenSelection.idleBounds)
        selection.createdBefore = reader.dateTime("createdBefore")
        absorb(reader, under: name)
        if selection.isEmpty, reader.faults.isEmpty { fault(name, "required", "An empty filter means nothing: say which tokens.") }
        return selection
    }

    /// Ids of tokens; nil where the member is absent.
    private mutating func ids(_ name: String) -> [TokenID]? {
        guard let items = array(name, TokenSelection.idBounds) else { return nil }
        var ids: [TokenID] = []
        for (index, item) in items.enumerated() {
            if case .string(let text) = item, let id = TokenID(text) {
                ids.append(id)
            } else {
                faultItem(name, index, "invalid", "An id looks like a4b37dac-16cd-4725-80da-16c12a3a0352.")
            }
        }
        return ids
    }
}

struct BulkRevocationBody: Encodable, Sendable {
    let matched: Int
    let revoked: Int

    init(_ revocation: BulkRevocation) {
        matched = revocation.matched
        revoked = revocation.revoked
    }
}
