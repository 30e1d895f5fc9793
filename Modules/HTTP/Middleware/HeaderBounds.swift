import Domain
import HTTPTypes
import Hummingbird

/// Bounds on a request's head that are answered in words; the parser's own, beyond which it just hangs up, are wider.
enum HeaderBounds {
    static let fields = 64
    /// Bytes of all names, values and the request target.
    static let bytes = 16 * 1024

    static func check(_ request: Request) throws(Refusal) {
        var total = request.head.path?.utf8.count ?? 0
        for field in request.headers { total += field.name.rawName.utf8.count + field.value.utf8.count }
        guard request.headers.count <= fields, total <= bytes else {
            throw Refusal(.headersTooLarge, "The request's head may have at most \(fields) fields and \(bytes) bytes.")
        }
    }
}
