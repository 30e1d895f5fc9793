import Domain
import FoundationEssentials
import HTTPTypes

/// A problem document (RFC 9457 §3).
struct ProblemBody: Encodable, Sendable {
    let type: String
    let title: String
    let status: Int
    let detail: String
    /// The occurrence: the request's id.
    let instance: String
    let code: String
    let requestId: String
    /// Absent but where members of the request are at fault.
    let errors: [Member]?

    struct Member: Encodable, Sendable {
        let pointer: String
        let code: String
        let detail: String
    }

    init(_ refusal: Refusal, _ kind: ProblemKind, requestID: UUID) {
        type = kind.type(of: refusal.code)
        title = kind.title
        status = kind.status.code
        detail = refusal.detail
        requestId = requestID.lowercased
        instance = "urn:uuid:" + requestId
        code = refusal.code.rawValue
        errors = refusal.faults.isEmpty ? nil : refusal.faults.map { Member(pointer: $0.pointer, code: $0.code, detail: $0.detail) }
    }
}
