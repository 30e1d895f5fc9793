import CLibPQ

extension PostgresError {
    /// The error that a failed result carries.
    init(_ result: OpaquePointer) {
        func field(_ code: Int32) -> String? { unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) } }
        self.init(
            .server, sqlState: field(Int32(UInt8(ascii: "C"))).map(SQLState.init(rawValue:)), message: field(Int32(UInt8(ascii: "M"))))
        constraint = field(Int32(UInt8(ascii: "n")))
        schema = field(Int32(UInt8(ascii: "s")))
        table = field(Int32(UInt8(ascii: "t")))
        // "cached plan must not change result type" by the function that says so: the message itself is translated.
        isStalePlan =
            sqlState == .invalidStatementName
            || sqlState == .featureNotSupported && field(Int32(UInt8(ascii: "R"))) == "RevalidateCachedQuery"
        position = field(Int32(UInt8(ascii: "P"))).flatMap { Int($0) }
    }

    /// COPY has a protocol of its own, which nobody here speaks: the connection is given up.
    static let copyRefused = PostgresError(.invalidStatement, message: "COPY through the connection is not supported")

    /// The error that a connection tells of itself; its text names hosts, never passwords.
    static func connection(_ connection: OpaquePointer?) -> PostgresError {
        let message = unsafe connection.flatMap { unsafe PQerrorMessage($0) }.map { unsafe String(cString: $0) }
        return PostgresError(.connection, message: message?.split(separator: "\n").joined(separator: " "))
    }
}
