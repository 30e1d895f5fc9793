import Domain

struct ServiceAccountBody: Encodable, Sendable, VersionedBody {
    let id: ServiceAccountID
    let name: String
    let role: String
    let status: String
    let createdBy: UserID
    let createdAt: String
    let updatedAt: String
    let version: Int

    init(_ account: ServiceAccount) {
        id = account.reference.id
        name = account.reference.name
        role = account.role.rawValue
        status = account.status.rawValue
        createdBy = account.createdBy
        createdAt = RFC3339.format(account.createdAt)
        updatedAt = RFC3339.format(account.updatedAt)
        version = account.version
    }
}

struct ServiceAccountsBody: Encodable, Sendable {
    let serviceAccounts: [ServiceAccountBody]
    let pagination: PaginationBody
}

/// `{name?, role?, status?}`
struct ServiceAccountChangeRequest {
    let change: ServiceAccountChange

    init(_ body: consuming BodyReader) throws(Refusal) {
        var body = body
        var change = ServiceAccountChange()
        if body.has("name") { change.name = body.requiredString("name", ServiceAccount.nameBounds) }
        if body.has("role") { change.role = body.role("role") }
        if body.has("status") { change.status = body.choice("status", ServiceAccount.Status.self) }
        try body.finish()
        self.change = change
    }
}
