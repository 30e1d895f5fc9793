import Postgres
import Testing

/// Parameters and results that fill both sides' socket buffers at once: who writes without reading waits forever.
@Suite(.ownDatabase, .timeLimit(.minutes(1))) struct SocketBufferTests {
    @Test func bigParametersAndBigResultsPassEachOtherInOneUnit() async throws {
        let big = Bytea((0..<2_000_000).map { UInt8(truncatingIfNeeded: $0) })
        try await withPool(SuiteDatabase.required().pool(shared: 1)) { pool in
            let answers = try await pool.unit((0..<16).map { "SELECT \($0), \(big)" })
            #expect(answers.count == 16)
            for (index, rows) in answers.enumerated() {
                let (number, back) = try rows[0].decode(Int.self, Bytea.self)
                #expect(number == index)
                #expect(back == big)
            }
        }
    }

    @Test func manyCallersShareAFullConnection() async throws {
        try await withPool(SuiteDatabase.required().pool(shared: 1)) { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<64 {
                    group.addTask {
                        let text = String(repeating: Character(UnicodeScalar(UInt8(65 + index % 26))), count: 300_000)
                        let back = try await pool.query("SELECT \(text)").only(String.self)
                        #expect(back == text)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
