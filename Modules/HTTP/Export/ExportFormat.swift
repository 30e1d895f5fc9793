/// How a list is written when all of it is asked for.
package enum ExportFormat: Sendable, Hashable {
    /// A JSON document a line.
    case ndjson
    /// RFC 4180, with a header line.
    case csv

    /// What `Accept` (RFC 9110 §12.5.1) likes better of the two; NDJSON where it likes both the same, or neither.
    package init(accept: String?) {
        let ranges = (accept ?? "").lowercased().split(separator: ",").map(Range.init)
        self = Self.quality(of: ["text/csv"], ranges) > Self.quality(of: ["application/x-ndjson", "application/ndjson"], ranges) ? .csv : .ndjson
    }

    /// RFC 4180 §3; NDJSON has no registered type, and this is the common one.
    package var contentType: String {
        switch self {
        case .ndjson: "application/x-ndjson"
        case .csv: "text/csv; charset=utf-8; header=present"
        }
    }

    /// Of a file's name.
    package var suffix: String {
        switch self {
        case .ndjson: "ndjson"
        case .csv: "csv"
        }
    }

    /// An element of `Accept`.
    private struct Range {
        let type: String
        let quality: Double

        init(_ text: Substring) {
            let parts = text.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            type = parts.first ?? ""
            quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
        }
    }

    /// That of the most specific range that one of `types` is in; 0 if none is.
    private static func quality(of types: [String], _ ranges: [Range]) -> Double {
        let general = types.map { $0.prefix { $0 != "/" } + "/*" }
        return ranges.first { types.contains($0.type) }?.quality ?? ranges.first { range in general.contains { $0 == range.type } }?.quality
            ?? ranges.first { $0.type == "*/*" }?.quality ?? 0
    }
}
