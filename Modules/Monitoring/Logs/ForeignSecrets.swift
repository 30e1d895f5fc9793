package import Domain
import Synchronization

/// What foreign tokens begin with, so that the log can take them out as it takes out ours.
///
/// There is one for the process, since there is one logging system for it.
package final class ForeignSecrets: Sendable {
    package static let known = ForeignSecrets()

    private let starts = Mutex(Starts([]))

    /// From now on what begins so is taken out.
    package func set(_ prefixes: [ForeignPrefix]) {
        let known = Starts(prefixes.map { Array($0.text.utf8) })
        starts.withLock { $0 = known }
    }

    /// `text` without what begins so and goes on like a token, however long it is: a part of one is half a secret.
    func clean(_ text: String) -> String {
        let starts = starts.withLock { $0 }
        return starts.isEmpty || text.utf8.count < Starts.width + Starts.least ? text : starts.clean(text)
    }
}

/// Prefixes by their first bytes, so that a text is gone through once, however many there are.
private struct Starts {
    /// Bytes that each prefix has at least.
    static let width = ForeignPrefix.textBounds.lowerBound
    /// What goes on for fewer bytes is the prefix in a sentence, not a secret.
    static let least = 8

    private let prefixes: [UInt64: [[UInt8]]]
    /// Whether any prefix may have first bytes of that mark: nearly all places of a text end here.
    private let marks: [Bool]

    init(_ prefixes: [[UInt8]]) {
        self.prefixes = Dictionary(grouping: prefixes) { $0.prefix(Self.width).reduce(0) { $0 << 8 | UInt64($1) } }
        var marks = [Bool](repeating: false, count: 4096)
        for start in self.prefixes.keys { marks[Self.mark(start)] = true }
        self.marks = marks
    }

    var isEmpty: Bool { prefixes.isEmpty }

    func clean(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var cleaned: [UInt8] = []
        var kept = 0
        var window: UInt64 = 0
        var index = 0
        while index < bytes.count {
            window = (window << 8 | UInt64(bytes[index])) & 0xFFFF_FFFF_FFFF
            index += 1
            guard index - kept >= Self.width, marks[Self.mark(window)], let end = end(of: window, in: bytes, from: index - Self.width) else {
                continue
            }
            cleaned += bytes[kept..<index - Self.width]
            cleaned += "[redacted]".utf8
            (kept, index) = (end, end)
        }
        return kept == 0 ? text : String(decoding: cleaned + bytes[kept...], as: UTF8.self)
    }

    /// Where the token ends that begins at `start` with the bytes of `window`; nil: there is none.
    private func end(of window: UInt64, in bytes: [UInt8], from start: Int) -> Int? {
        guard let prefix = prefixes[window]?.first(where: { bytes[start...].starts(with: $0) }) else { return nil }
        let rest = start + prefix.count
        let end = bytes[rest...].firstIndex { !ForeignPrefix.isBearer($0) } ?? bytes.count
        return end - rest >= Self.least ? end : nil
    }

    private static func mark(_ window: UInt64) -> Int { Int(truncatingIfNeeded: (window &* 0x9E37_79B9_7F4A_7C15) >> 52) }
}
