import Domain
import FoundationEssentials

/// `{name, scopes?, description?, expiresAt? | expiresInDays?, metadata?, serviceAccountId?}`
struct TokenCreationRequest {
    let draft: TokenDraft

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        let name = body.requiredString("name", TokenBounds.name)
        let description = body.string("description", TokenBounds.description)
        let scopes = body.scopes("scopes")
        let expiry = body.expiry()
        let metadata = body.metadata("metadata")
        body.refuse("allowedCidrs", "Networks are not supported yet: leave allowedCidrs out.")
        body.refuse("rateLimit", "A limit of the token's own is not supported yet: leave rateLimit out.")
        let account = body.id("serviceAccountId", of: ServiceAccount.self)
        try body.finish()
        guard let name else { throw .invalid(body.faults) }
        draft = TokenDraft(
            name: name, description: description, scopes: scopes, expiry: expiry, metadata: metadata ?? Array("{}".utf8), serviceAccount: account)
    }
}

/// `{name?, description?, isActive?, metadata?}`
struct TokenChangeRequest {
    let change: TokenChange

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        var change = TokenChange()
        if body.has("name") { change.name = body.requiredString("name", TokenBounds.name) }
        if body.has("description") { change.description = .some(body.string("description", TokenBounds.description)) }
        if body.has("isActive") {
            change.isActive = body.bool("isActive")
            if body.value("isActive") == nil { body.fault("isActive", "required", "isActive must be true or false.") }
        }
        if body.has("metadata") { change.metadata = body.metadata("metadata") ?? Array("{}".utf8) }
        for later in ["expiresAt", "scopes", "allowedCidrs", "rateLimit"] {
            if body.has(later) { body.refuse(later, "\(later) can't be changed yet: create a new token.") }
        }
        try body.finish()
        self.change = change
    }
}

/// `{reason?}`, or no body at all.
struct RevocationRequest {
    let reason: String?

    init(_ body: consuming BodyReader?) throws(Refusal) {
        var body = body
        reason = body?.string("reason", TokenBounds.description)
        try body?.finish()
    }
}

extension BodyReader {
    /// Distinct scopes in the order given; nil where the member is absent.
    mutating func scopes(_ name: String) -> [Scope]? {
        guard let items = array(name, TokenBounds.scopes) else { return nil }
        var scopes: [Scope] = []
        for (index, item) in items.enumerated() {
            guard case .string(let text) = item, let scope = Scope(text) else {
                faultItem(name, index, "invalid", "A scope is read, write, admin or the name of a permission.")
                continue
            }
            if scopes.contains(scope) { faultItem(name, index, "repeated", "Each scope is given once.") }
            scopes.append(scope)
        }
        return scopes
    }

    /// `expiresAt` or `expiresInDays`, not both; neither means never.
    mutating func expiry() -> TokenDraft.Expiry {
        let days = integer("expiresInDays", TokenBounds.expiresInDays)
        guard let text = string("expiresAt", 1...64) else { return days.map { .inDays($0) } ?? .never }
        if days != nil { fault("expiresAt", "conflict", "Give expiresAt or expiresInDays, not both.") }
        guard let date = RFC3339.dateTime(text) else {
            fault("expiresAt", "invalid", "expiresAt must be a real date-time of RFC 3339, like 2027-01-31T12:00:00Z.")
            return .never
        }
        return .at(date)
    }

    /// An object of the caller's own, as JSON in UTF-8; nil where the member is absent.
    mutating func metadata(_ name: String) -> [UInt8]? {
        guard let value = value(name) else { return nil }
        guard case .object = value else {
            fault(name, "wrong_type", "\(name) must be an object, not \(value.kind).")
            return nil
        }
        guard !value.containsNUL, value.depth <= TokenBounds.metadataDepth, let bytes = try? JSONEncoder().encode(value),
            bytes.count <= TokenBounds.metadataBytes
        else {
            fault(name, "out_of_range", "\(name) may have \(TokenBounds.metadataBytes) bytes, \(TokenBounds.metadataDepth) levels and no U+0000.")
            return nil
        }
        return Array(bytes)
    }
}
