/// The limit of each kind; a kind without one is unlimited.
package struct LimitTable: Sendable {
    private var limits: [LimitKind: Limit] = [:]

    package init() {}

    package subscript(_ kind: LimitKind) -> Limit? {
        get { limits[kind] }
        set { limits[kind] = newValue }
    }

    /// What holds where nothing is configured.
    package static let standard: LimitTable = {
        var table = LimitTable()
        table[.address] = Limit(requests: 300, window: 60)
        table[.register] = Limit(requests: 10, window: 3600)
        table[.reset] = Limit(requests: 20, window: 3600)
        table[.report] = Limit(requests: 60, window: 3600)
        table[.login] = Limit(requests: 10, window: 900)
        table[.loginAddress] = Limit(requests: 60, window: 900)
        table[.refresh] = Limit(requests: 120, window: 60)
        table[.token] = Limit(requests: 600, window: 60)
        table[.user] = Limit(requests: 1200, window: 60)
        table[.tenant] = Limit(requests: 6000, window: 60)
        return table
    }()
}
