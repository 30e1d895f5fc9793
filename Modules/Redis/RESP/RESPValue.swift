/// What a server answers, in RESP 2 (https://redis.io/docs/latest/develop/reference/protocol-spec/).
package enum RESPValue: Hashable, Sendable {
    case status(String)
    case error(String)
    case integer(Int64)
    case bytes([UInt8])
    case array([RESPValue])
    case null

    /// The items of an array of integers; nil for anything else.
    package var integers: [Int64]? {
        guard case .array(let items) = self else { return nil }
        var integers: [Int64] = []
        for item in items {
            guard case .integer(let integer) = item else { return nil }
            integers.append(integer)
        }
        return integers
    }
}
