package import FoundationEssentials

/// `timestamptz`: microseconds since 2000-01-01 00:00 UTC. `infinity` and `-infinity` are the distant future and past.
extension Date: PostgresEncodable, PostgresDecodable {
    package static var type: OID { .timestamptz }
    package static var arrayType: OID { .timestamptzArray }

    package func encode(into buffer: inout [UInt8]) {
        let microseconds = ((timeIntervalSinceReferenceDate + Self.referenceOffset) * 1_000_000).rounded()
        let bounded: Int64
        switch self {
        case .distantFuture: bounded = .max
        case .distantPast: bounded = .min
        default: bounded = Int64(exactly: microseconds) ?? (microseconds > 0 ? .max : .min)
        }
        buffer.append(bigEndian: bounded)
    }

    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Date {
        guard type == .timestamptz else { throw .wrongType(type) }
        switch try bytes.only(Int64.self) {
        case .max: return .distantFuture
        case .min: return .distantPast
        case let microseconds: return Date(timeIntervalSinceReferenceDate: Double(microseconds) / 1_000_000 - referenceOffset)
        }
    }

    /// Seconds from 2000-01-01 (PostgreSQL) to 2001-01-01 (Foundation): a leap year.
    private static let referenceOffset: Double = 366 * 86_400
}

extension Date: PostgresArrayElement {}
