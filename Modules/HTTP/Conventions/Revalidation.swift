import HTTPTypes
import Hummingbird

/// Answers 304 to whoever has what would be answered (`If-None-Match`, RFC 9110 §13.1.2).
enum Revalidation {
    static func answer(_ request: Request, _ response: Response) -> Response {
        guard response.status == .ok, let tag = response.headers[.eTag], matches(request.headers, tag) else { return response }
        var headers = response.headers
        headers[.contentType] = nil
        headers[.contentLength] = nil
        return Response(status: .notModified, headers: headers)
    }

    /// By weak comparison: a proxy that compresses makes a strong tag weak.
    private static func matches(_ headers: HTTPFields, _ tag: String) -> Bool {
        let tags = headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }.map { String($0.filter { $0 != " " && $0 != "\t" }) }
        return tags == ["*"] || tags.contains { VersionTag.isTag($0) && $0.trimmingPrefix("W/") == tag.trimmingPrefix("W/") }
    }
}
