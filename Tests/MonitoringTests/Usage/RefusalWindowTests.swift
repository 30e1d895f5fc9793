import Domain
import Foundation
import Support
import Testing

@testable import Monitoring

/// A client that hammers a dead token doesn't fill its log: ten refusals a minute become rows, the rest only count.
struct RefusalWindowTests {
    private let noon = Date.instant("2026-11-21T12:00:00Z")

    @Test(arguments: [401, 403, 429]) func theFirstTenRefusalsOfAMinuteAreListed(status: Int) {
        var window = RefusalWindow()
        let token = TokenID(UUID())
        let listed = (0..<59).map { window.lists(.sample(token: token, status: status, at: noon + Double($0)), atMost: 10) }
        #expect(listed == Array(repeating: true, count: 10) + Array(repeating: false, count: 49))
    }

    @Test func theNextMinuteBeginsAnew() {
        var window = RefusalWindow()
        let token = TokenID(UUID())
        let listed = (0..<90).map { window.lists(.sample(token: token, status: 401, at: noon + Double($0)), atMost: 10) }
        #expect(listed[10..<60].allSatisfy { !$0 })
        #expect(listed[60..<70].allSatisfy { $0 })
        #expect(listed[70..<90].allSatisfy { !$0 })
    }

    @Test func theRefusalsOfOtherTokensDoNotCount() {
        var window = RefusalWindow()
        let listed = (0..<30).map { _ in window.lists(.sample(status: 429, at: noon), atMost: 10) }
        #expect(listed.allSatisfy { $0 })
    }

    @Test(arguments: [200, 201, 204, 304, 400, 404, 409, 422, 500, 503]) func everythingElseIsAlwaysListed(status: Int) {
        var window = RefusalWindow()
        let token = TokenID(UUID())
        let listed = (0..<30).map { _ in window.lists(.sample(token: token, status: status, at: noon), atMost: 10) }
        #expect(listed.allSatisfy { $0 })
    }

    @Test func theRecorderMarksWhatIsNotListed() async throws {
        let sink = MemorySink()
        let recorder = UsageRecorder(sink: sink, configuration: .init(), logger: .silent)
        let token = TokenID(UUID())
        for _ in 0..<25 { recorder.record(.sample(token: token, status: 401)) }
        recorder.record(.sample(token: token))
        try await withService(recorder) {}
        #expect(sink.entries.count == 26)
        #expect(sink.entries.count { $0.isListed && $0.record.status == 401 } == 10)
        #expect(sink.entries.last?.isListed == true)
    }

    @Test func aStragglerOfTheLastMinuteDoesNotBeginItAnew() {
        var window = RefusalWindow()
        let token = TokenID(UUID())
        let listed = (0..<40).map {
            window.lists(
                .sample(token: token, status: 401, at: noon + ($0.isMultiple(of: 2) ? 59 : 61)), atMost: 10)
        }
        #expect(listed.count { $0 } <= 11)
    }
}
