import Domain
import FoundationEssentials
import Testing

/// A logged head is read back as it was written.
@Suite struct AuditHeadTests {
    private let head = AuditHead(
        tenant: TenantID(UUID()), place: AuditPlace(seq: 33, hash: AuditHash(bytes: (0..<32).map { UInt8($0 * 8) })),
        occurredAt: Date(timeIntervalSince1970: 1_795_000_000.5))

    @Test func aHeadIsReadFromEitherLayoutOfTheLog() throws {
        let fields = head.fields
        #expect(fields["hash"]?.count == 64)
        let json =
            #"{"time":"x","level":"notice","logger":"tessera","message":"audit head","# + fields.map { #""\#($0)":"\#($1)""# }.joined(separator: ",")
            + "}"
        let text = "2026-11-21T08:15:30.250Z NOTICE audit head " + fields.map { "\($0)=\($1)" }.joined(separator: " ")
        for line in [json, "Nov 21 08:15:30 node tessera-api[7]: " + json, text, "node | " + text] {
            #expect(AuditHead.read(line) == .head(head), "\(line)")
        }
    }

    @Test func whatIsNoHeadIsNone() {
        let tenant = head.tenant
        for line in ["", "audit head", #"{"message":"request","path":"audit head"}"#, "2026-11-21T08:15:30.250Z INFO audit head seq=1"] {
            #expect(AuditHead.read(line) == .other, "\(line)")
        }
        for line in [
            #"{"message":"audit head"}"#, #"{"message":"audit head","tenantId":"\#(tenant)","seq":"1","hash":"00"}"#,
            #"{"message":"audit head","tenantId":"\#(tenant)","se"#, "2026-11-21T08:15:30.250Z NOTICE audit head seq=1 tenantId=\(tenant)",
        ] { #expect(AuditHead.read(line) == .unreadable, "\(line)") }
        #expect(AuditHash(hex: String(repeating: "0", count: 63) + "g") == nil)
        #expect(AuditHash(hex: String(repeating: "é", count: 32)) == nil)
    }
}
