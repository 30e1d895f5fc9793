package import Domain

/// What an operation of the route table means, takes and answers: what the table itself doesn't say.
package struct OperationDescription: Sendable {
    package let id: String
    let topic: Topic
    let summary: String
    let details: String
    /// Of parameters of the path that aren't ids.
    let path: [String: Schema]
    let query: [QueryParameter]
    let list: List?
    let body: DocumentedBody?
    let answers: [DocumentedAnswer]
    /// Beyond those that follow from who may, from the path and from the body.
    let refusals: [ErrorCode]

    /// - Parameters:
    ///   - id: the operationId of the route.
    ///   - summary: one line, without a full stop.
    package init(
        _ id: String, _ topic: Topic, _ summary: String, _ details: String = "", path: [String: Schema] = [:],
        query: [QueryParameter] = [], list: List? = nil,
        body: DocumentedBody? = nil, answering answers: DocumentedAnswer..., refusals: [ErrorCode] = []
    ) {
        self.id = id
        self.topic = topic
        self.summary = summary
        self.details = details
        self.path = path
        self.query = query
        self.list = list
        self.body = body
        self.answers = answers
        self.refusals = refusals
    }

    /// How a list is gone through.
    package enum List: Sendable {
        /// By `page`, `limit` and `cursor`.
        case pages
        /// By `limit` and `cursor` alone.
        case cursor
    }

    /// What operations are grouped by.
    package enum Topic: String, Sendable, CaseIterable {
        case sessions = "Sessions"
        case account = "Account"
        case tenant = "Tenant"
        case members = "Members"
        case serviceAccounts = "Service accounts"
        case tokens = "API tokens"
        case usage = "Usage"
        case audit = "Audit"
        case policy = "Token policy"
        case notices = "Notices"
        case verification = "Verification"
        case platform = "Platform"
        case service = "Service"

        var description: String {
            switch self {
            case .sessions: "Registering, logging in, and keeping a session going."
            case .account: "What people do with their own account."
            case .tenant: "The tenant that the credential is of."
            case .members: "Who is in the tenant, and who is invited."
            case .serviceAccounts: "Whatever acts in the tenant and is no person."
            case .tokens: "API tokens: made, narrowed, rotated, ended."
            case .usage: "Every request that a token made."
            case .audit: "Every change, by whom, and from where."
            case .policy: "What the tenant demands of all its tokens."
            case .notices: "What people are told about their tokens."
            case .verification: "For services beside Tessera: whether a credential is good."
            case .platform: "For platform administrators, over all tenants."
            case .service: "The service itself."
            }
        }
    }
}

/// A parameter of the query.
package struct QueryParameter: Sendable {
    let name: String
    let schema: Schema
    let description: String

    package init(_ name: String, _ schema: Schema, _ description: String) {
        self.name = name
        self.schema = schema
        self.description = description
    }
}

/// What a request carries.
package struct DocumentedBody: Sendable {
    let type: String
    let schema: Schema
    /// JSON; of a form, as an object.
    let example: String
    let isRequired: Bool

    /// - Parameter example: JSON that the schema allows.
    package static func json(_ schema: Schema, example: String, isRequired: Bool = true) -> DocumentedBody {
        DocumentedBody(type: "application/json", schema: schema, example: example, isRequired: isRequired)
    }

    /// - Parameter example: the form's members as JSON.
    package static func form(_ schema: Schema, example: String) -> DocumentedBody {
        DocumentedBody(type: "application/x-www-form-urlencoded", schema: schema, example: example, isRequired: true)
    }
}

/// A success.
package struct DocumentedAnswer: Sendable {
    let status: Int
    let description: String
    /// Media types, by what is accepted; none without a body.
    let types: [String]
    let schema: Schema?
    /// JSON that the schema allows.
    let example: String?
    let headers: [Header]

    /// A response header beyond those that every response has.
    package enum Header: String, Sendable, CaseIterable {
        case location = "Location"
        case setCookie = "Set-Cookie"
        case contentDisposition = "Content-Disposition"
    }

    package static func ok(_ description: String, _ schema: Schema, example: String? = nil, headers: [Header] = []) -> DocumentedAnswer {
        DocumentedAnswer(status: 200, description: description, types: ["application/json"], schema: schema, example: example, headers: headers)
    }

    package static func created(_ description: String, _ schema: Schema, example: String? = nil, headers: [Header] = []) -> DocumentedAnswer {
        DocumentedAnswer(status: 201, description: description, types: ["application/json"], schema: schema, example: example, headers: headers)
    }

    /// A text for people.
    package static func page(_ description: String, _ type: String) -> DocumentedAnswer {
        DocumentedAnswer(status: 200, description: description, types: [type], schema: .string(), example: nil, headers: [])
    }

    /// A list without an end, as `Accept` asks.
    package static func export(_ description: String) -> DocumentedAnswer {
        DocumentedAnswer(
            status: 200, description: description, types: ["application/x-ndjson", "text/csv"], schema: .string(), example: nil,
            headers: [.contentDisposition])
    }

    package static func accepted(_ description: String) -> DocumentedAnswer {
        DocumentedAnswer(status: 202, description: description, types: [], schema: nil, example: nil, headers: [])
    }

    package static func noContent(_ description: String, headers: [Header] = []) -> DocumentedAnswer {
        DocumentedAnswer(status: 204, description: description, types: [], schema: nil, example: nil, headers: headers)
    }
}
