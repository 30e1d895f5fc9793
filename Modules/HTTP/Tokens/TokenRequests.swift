package import Domain
import FoundationEssentials

/// `{name, scopes?, description?, expiresAt? | expiresInDays?, allowedCidrs?, rateLimit?, metadata?, serviceAccountId?}`
struct TokenCreationRequest {
    let draft: TokenDraft

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        let draft = body.tokenDraft()
        try body.finish()
        guard let draft else { throw .invalid(body.faults) }
        self.draft = draft
    }
}

/// `{name?, description?, isActive?, expiresAt?, scopes?, allowedCidrs?, rateLimit?, metadata?}`; null takes the end or the limit away.
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
        if body.has("scopes") {
            change.scopes = body.scopes("scopes")
            if body.value("scopes") == nil { body.fault("scopes", "required", "scopes must be an array.") }
        }
        if body.has("expiresAt") { change.expiresAt = .some(body.dateTime("expiresAt")) }
        if body.has("allowedCidrs") { change.networks = body.networks("allowedCidrs") ?? [] }
        if body.has("rateLimit") { change.rateLimit = .some(body.rate("rateLimit")) }
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
    /// The members that say what a new token is like; nil where its name is at fault.
    mutating func tokenDraft() -> TokenDraft? {
        let name = requiredString("name", TokenBounds.name)
        let description = string("description", TokenBounds.description)
        let scopes = scopes("scopes")
        let expiry = expiry()
        let metadata = metadata("metadata")
        let networks = networks("allowedCidrs")
        let rateLimit = rate("rateLimit")
        let account = id("serviceAccountId", of: ServiceAccount.self)
        return name.map { name in
            TokenDraft(
                name: name, description: description, scopes: scopes, expiry: expiry, networks: networks ?? [], rateLimit: rateLimit,
                metadata: metadata ?? Array("{}".utf8), serviceAccount: account)
        }
    }

    /// Distinct scopes in the order given; nil where the member is absent.
    mutating func scopes(_ name: String) -> [Scope]? {
        guard let items = array(name, TokenBounds.scopes) else { return nil }
        var scopes: [Scope] = []
        for (index, item) in items.enumerated() {
            guard case .string(let text) = item, let scope = Scope(text) else {
                faultItem(name, index, "invalid", "A scope is read, write, admin, the name of a permission, self:rotate or app:….")
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
        guard value("expiresAt") != nil else { return days.map { .inDays($0) } ?? .never }
        if days != nil { fault("expiresAt", "conflict", "Give expiresAt or expiresInDays, not both.") }
        return dateTime("expiresAt").map { .at($0) } ?? .never
    }

    mutating func dateTime(_ name: String) -> Date? {
        guard let text = string(name, 1...64) else { return nil }
        guard let date = RFC3339.dateTime(text) else {
            fault(name, "invalid", "\(name) must be a real date-time of RFC 3339, like 2027-01-31T12:00:00Z.")
            return nil
        }
        return date
    }

    /// Distinct networks; nil where the member is absent.
    mutating func networks(_ name: String) -> [CIDR]? {
        guard let items = array(name, TokenBounds.networks) else { return nil }
        var networks: [CIDR] = []
        for (index, item) in items.enumerated() {
            guard case .string(let text) = item, let network = CIDR(text) else {
                faultItem(name, index, "invalid", "A network is an address and a prefix length like 203.0.113.0/24, without bits behind the prefix.")
                continue
            }
            guard network.prefixLength > 0 else {
                faultItem(name, index, "invalid", "A network of all addresses bounds nothing: leave \(name) empty instead.")
                continue
            }
            if networks.contains(network) { faultItem(name, index, "repeated", "Each network is given once.") }
            networks.append(network)
        }
        return networks
    }

    /// `{"requests": 600, "windowSeconds": 60}`; nil where the member is absent or null.
    package mutating func rate(_ name: String) -> TokenRate? {
        guard value(name) != nil, let members = object(name) else { return nil }
        var reader = BodyReader(members)
        let requests = reader.integer("requests", TokenRate.requestBounds)
        let window = reader.integer("windowSeconds", TokenRate.windowBounds)
        for missing in ["requests", "windowSeconds"] where reader.value(missing) == nil {
            reader.fault(missing, "required", "\(missing) is required.")
        }
        absorb(reader, under: name)
        guard let requests, let window else { return nil }
        return TokenRate(requests: requests, windowSeconds: window)
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
