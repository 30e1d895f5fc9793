import CLibPQ

/// libpq's own reading of a connection URL or conninfo string.
enum ConnectionString {
    /// The keywords that `text` sets. Throws ``PostgresError/Kind/invalidConfiguration``.
    static func parse(_ text: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(text, &message) else {
            defer { unsafe PQfreemem(message) }
            let reason = unsafe message.map { unsafe String(cString: $0) } ?? "out of memory"
            throw PostgresError(.invalidConfiguration, message: reason.split(separator: "\n").joined(separator: " "))
        }
        defer { unsafe PQconninfoFree(options) }
        var keywords: [String: String] = [:]
        var index = 0
        while let keyword = unsafe options[index].keyword {
            if let value = unsafe options[index].val { unsafe keywords[String(cString: keyword)] = String(cString: value) }
            index += 1
        }
        return keywords
    }
}
