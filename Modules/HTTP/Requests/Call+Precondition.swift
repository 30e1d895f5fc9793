package import Domain
import HTTPTypes
import Hummingbird

extension Call {
    /// `If-Match` (RFC 9110 §13.1.1): `*`, or entity tags as ``VersionTag`` writes them. A tag that isn't one of ours, a weak one too, matches
    /// nothing; absent, every version will do. Throws ``ErrorCode/invalidRequest`` for what is no list of tags.
    package func precondition() throws(Refusal) -> Precondition {
        let lines = request.headers[values: .ifMatch]
        guard !lines.isEmpty else { return .none }
        let tags = lines.flatMap { $0.split(separator: ",") }.map { String($0).trimmed }
        if tags == ["*"] { return .none }
        guard !tags.isEmpty, tags.allSatisfy(VersionTag.isTag) else {
            throw Refusal(.invalidRequest, "If-Match must be * or quoted entity tags, as ETag gave them.")
        }
        return .version(anyOf: Set(tags.compactMap(VersionTag.version)))
    }
}
