import Dispatch
package import Foundation
import Metrics
import Synchronization

/// Standard output behind a bounded buffer: whoever logs never waits for whoever reads. Lines past the bound are dropped and
/// counted.
package final class LogOutput: Sendable {
    private let buffer = Mutex(Buffer())
    private let queue = DispatchQueue(label: "tessera.log")
    private let capacity: Int
    private let write: @Sendable (Data) throws -> Void

    private struct Buffer {
        var bytes = Data()
        var isWriting = false
    }

    /// - Parameters:
    ///   - capacity: bytes that may wait.
    ///   - write: what it fails to write (nobody reads any more, the disk is full) is lost and counted; the process goes on.
    package init(
        capacity: Int = 4 << 20,
        write: @escaping @Sendable (Data) throws -> Void = {
            try FileHandle.standardOutput.write(contentsOf: $0)
        }
    ) {
        self.capacity = capacity
        self.write = write
    }

    func append(_ line: String) {
        let mustWrite = buffer.withLock { buffer in
            guard buffer.bytes.count + line.utf8.count < capacity else {
                Counter(label: "tessera_log_dropped_lines_total").increment()
                return false
            }
            buffer.bytes.append(contentsOf: line.utf8)
            buffer.bytes.append(UInt8(ascii: "\n"))
            defer { buffer.isWriting = true }
            return !buffer.isWriting
        }
        if mustWrite { queue.async { self.drain() } }
    }

    /// Returns when everything so far is written.
    package func flush() { queue.sync { drain() } }

    private func drain() {
        while true {
            let bytes = buffer.withLock { buffer in
                if buffer.bytes.isEmpty { buffer.isWriting = false }
                return exchange(&buffer.bytes, with: Data())
            }
            if bytes.isEmpty { return }
            do { try write(bytes) } catch {
                Counter(label: "tessera_log_dropped_lines_total").increment(
                    by: bytes.count { $0 == UInt8(ascii: "\n") })
            }
        }
    }
}
