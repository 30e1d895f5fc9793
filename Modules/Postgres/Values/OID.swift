/// The object id of a type in `pg_type`. The built-in ones never change (`src/include/catalog/pg_type.dat`).
package struct OID: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    static let bool = OID(rawValue: 16)
    static let bytea = OID(rawValue: 17)
    static let name = OID(rawValue: 19)
    static let int8 = OID(rawValue: 20)
    static let int2 = OID(rawValue: 21)
    static let int4 = OID(rawValue: 23)
    static let text = OID(rawValue: 25)
    static let oid = OID(rawValue: 26)
    static let json = OID(rawValue: 114)
    static let cidr = OID(rawValue: 650)
    static let float4 = OID(rawValue: 700)
    static let float8 = OID(rawValue: 701)
    static let unknown = OID(rawValue: 705)
    static let inet = OID(rawValue: 869)
    static let character = OID(rawValue: 18)
    static let bpchar = OID(rawValue: 1042)
    static let varchar = OID(rawValue: 1043)
    static let timestamptz = OID(rawValue: 1184)
    static let void = OID(rawValue: 2278)
    static let uuid = OID(rawValue: 2950)
    static let jsonb = OID(rawValue: 3802)

    static let boolArray = OID(rawValue: 1000)
    static let byteaArray = OID(rawValue: 1001)
    static let int2Array = OID(rawValue: 1005)
    static let int4Array = OID(rawValue: 1007)
    static let textArray = OID(rawValue: 1009)
    static let int8Array = OID(rawValue: 1016)
    static let float8Array = OID(rawValue: 1022)
    static let inetArray = OID(rawValue: 1041)
    static let cidrArray = OID(rawValue: 651)
    static let timestamptzArray = OID(rawValue: 1185)
    static let uuidArray = OID(rawValue: 2951)
    static let jsonbArray = OID(rawValue: 3807)

    /// Whether values of the type are laid out as arrays; of the built-in types, those that may be read at all.
    var isArray: Bool { Self.arrays.contains(self) }

    private static let arrays: Set<OID> = [
        boolArray, byteaArray, int2Array, int4Array, textArray, int8Array, float8Array, inetArray, cidrArray, timestamptzArray, uuidArray, jsonbArray,
        nameArray, bpcharArray, varcharArray, float4Array, oidArray, jsonArray,
    ]
    private static let jsonArray = OID(rawValue: 199)
    private static let nameArray = OID(rawValue: 1003)
    private static let bpcharArray = OID(rawValue: 1014)
    private static let varcharArray = OID(rawValue: 1015)
    private static let float4Array = OID(rawValue: 1021)
    private static let oidArray = OID(rawValue: 1028)
}
