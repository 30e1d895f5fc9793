/// The `traceparent` header of W3C Trace Context (level 1, §3.2): `00-<32 hex>-<16 hex>-<2 hex>`.
package struct TraceContext: Sendable {
    /// 32 hex digits.
    package let traceID: String
    /// 16 hex digits.
    package let parentID: String

    /// nil for anything malformed, all zeros or version `ff`: then the trace begins here.
    package init?(traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].utf8.count == 2, parts[1].utf8.count == 32, parts[2].utf8.count == 16, parts[3].utf8.count == 2,
            parts.prefix(4).allSatisfy({ $0.utf8.allSatisfy(Self.isLowerHex) }), parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        traceID = String(parts[1])
        parentID = String(parts[2])
    }

    private static func isLowerHex(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 97...102: true
        default: false
        }
    }
}
