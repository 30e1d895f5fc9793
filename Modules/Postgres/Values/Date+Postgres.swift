package import FoundationEssentials

/// `timestamptz`: microseconds since 2000-01-01 00:00 UTC. `infinity` and `-infinity` are the distant future and past.
extension Date: PostgresEncodable, PostgresDecodable {
    package static var type: OID { .timestamptz }
    package static var arrayType: OID { .timestamptzArray }

    package func encode(into buffer: inout [UInt8]) {
        let microseconds = (timeIntervalSinceReferenceDate * 1_000_000).rounded()
        let bounded: Int64
        switch self {
        case .distantFuture: bounded = .max
        case .distantPast: bounded = .min
        default:
            // The offset is added in whole numbers: in a Double it would cost the last digit of dates after 2038.
            let (sum, isTooLarge) = (Int64(exactly: microseconds) ?? (microseconds > 0 ? .max : .min)).addingReportingOverflow(Self.referenceOffset)
            bounded = isTooLarge ? .max : sum
        }
        buffer.append(bigEndian: bounded)
    }

    package static func decode(_ bytes: RawSpan, as type: OID) throws(DecodingFault) -> Date {
        guard type == .timestamptz else { throw .wrongType(type) }
        switch try bytes.only(Int64.self) {
        case .max: return .distantFuture
        case .min: return .distantPast
        case let microseconds:
            let (sinceReference, isTooSmall) = microseconds.subtractingReportingOverflow(referenceOffset)
            return isTooSmall ? .distantPast : Date(timeIntervalSinceReferenceDate: Double(sinceReference) / 1_000_000)
        }
    }

    /// Microseconds from 2000-01-01 (PostgreSQL) to 2001-01-01 (Foundation): a leap year.
    private static let referenceOffset: Int64 = 366 * 86_400 * 1_000_000
}

extension Date: PostgresArrayElement {}
