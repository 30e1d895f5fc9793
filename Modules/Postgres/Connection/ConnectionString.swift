import CLibPQ

/// libpq's own reading of a connection URL or conninfo string.
enum ConnectionString {
    /// The keywords that `text` sets. Throws ``PostgresError/Kind/invalidConfiguration``.
    static func parse(_ text: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(text, &message) else {
            defer { unsafe PQfreemem(message) }
            let reason = unsafe message.map { unsafe String(cString: $0) } ?? "out of memory"
            // What libpq quotes may be a part of the password: every other piece between quotation marks.
            let pieces = reason.split(separator: "\n").joined(separator: " ").split(separator: "\"", omittingEmptySubsequences: false)
            throw PostgresError(.invalidConfiguration, message: pieces.enumerated().map { $0 % 2 == 0 ? String($1) : "…" }.joined(separator: "\""))
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
