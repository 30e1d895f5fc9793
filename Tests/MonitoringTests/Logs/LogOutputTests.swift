import Dispatch
import Foundation
import Logging
import Metrics
import Monitoring
import Synchronization
import Testing

/// Whoever logs never waits for whoever reads, and what is lost is counted.
@Suite(.timeLimit(.minutes(1))) struct LogOutputTests {
    @Test func noLineOfManyTasksIsLostOrTorn() async {
        let written = Mutex(Data())
        let output = LogOutput { data in written.withLock { $0.append(data) } }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let logger = Logger(label: "t\(task)") { LineLogHandler(label: $0, level: .info, layout: .text, output: output) }
                    for number in 0..<1000 { logger.info("line", metadata: ["of": "\(task)", "number": "\(number)"]) }
                }
            }
        }
        output.flush()
        let lines = written.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
        #expect(lines.count == 8000)
        for task in 0..<8 {
            // In the order in which the task wrote them.
            let numbers = lines.filter { $0.hasSuffix("of=\(task)") }.compactMap { $0.firstMatch(of: /number=(\d+)/).flatMap { Int($0.1) } }
            #expect(numbers == Array(0..<1000))
        }
    }

    @Test func withAReaderThatHangsLinesAreDroppedAndCounted() {
        let registry = PrometheusRegistry()
        let reader = DispatchSemaphore(value: 0)
        let written = Mutex(0)
        let output = LogOutput(capacity: 10_000) { data in
            reader.wait()
            reader.signal()
            written.withLock { $0 += data.count }
        }
        let logger = Logger(label: "test") { LineLogHandler(label: $0, level: .info, layout: .text, output: output) }
        let start = ContinuousClock.now
        withMetricsFactory(registry) { for _ in 0..<5000 { logger.info("a line that nobody reads for the time being") } }
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(registry.sum(of: "tessera_log_dropped_lines_total") > 4000)
        reader.signal()
        output.flush()
        #expect(written.withLock { $0 } > 5000)
    }

    @Test func flushReturnsWhenEverythingIsWritten() {
        let written = Mutex(Data())
        let output = LogOutput { data in written.withLock { $0.append(data) } }
        let logger = Logger(label: "test") { LineLogHandler(label: $0, level: .info, layout: .json, output: output) }
        for number in 0..<100 {
            logger.info("line \(number)")
            output.flush()
            #expect(written.withLock { String(decoding: $0, as: UTF8.self) }.contains("line \(number)\""))
        }
    }

    /// As with a full disk, or a reader that has gone: the process goes on.
    @Test func afterAWriteThatFailedTheNextLineIsTried() {
        let written = Mutex(Data())
        let attempts = Mutex(0)
        let output = LogOutput { data in
            let attempt = attempts.withLock { attempts in
                attempts += 1
                return attempts
            }
            if attempt == 1 { throw Away() }
            written.withLock { $0.append(data) }
        }
        let logger = Logger(label: "test") { LineLogHandler(label: $0, level: .info, layout: .text, output: output) }
        for message in ["lost", "kept"] as [Logger.Message] {
            logger.info(message)
            output.flush()
        }
        let text = written.withLock { String(decoding: $0, as: UTF8.self) }
        #expect(text.hasSuffix("INFO kept\n"))
        #expect(!text.contains("lost"))
    }
}
