package import Auth
import Domain
import Hummingbird
import Limits

/// Tokens that were found where they don't belong.
package struct LeaksController: Sendable {
    private let reports: LeakReports
    private let limits: EdgeLimits

    package init(reports: LeakReports, limits: EdgeLimits) {
        self.reports = reports
        self.limits = limits
    }

    /// 202 whatever the tokens are: the answer tells nobody whether one is good.
    @Sendable func report(_ call: Call) async throws -> Response {
        try await limits.charge(.report, call.context.scope.remoteAddress)
        var body = try await call.body()
        let tokens = body.strings("tokens", 1...LeakReports.most)
        try body.finish()
        guard let tokens else { throw Refusal.invalid(body.faults) }
        try await reports.report(tokens)
        return Response(status: .accepted)
    }
}

extension BodyReader {
    /// An array of strings; its absence is a fault. No fault repeats an item: it may be a secret.
    fileprivate mutating func strings(_ name: String, _ bounds: ClosedRange<Int>) -> [String]? {
        guard let items = array(name, bounds) else {
            if value(name) == nil { fault(name, "required", "\(name) is required.") }
            return nil
        }
        var strings: [String] = []
        for (index, item) in items.enumerated() {
            if case .string(let text) = item {
                strings.append(text)
            } else {
                faultItem(name, index, "wrong_type", "Each of \(name) must be a string, not \(item.kind).")
            }
        }
        return strings
    }
}
