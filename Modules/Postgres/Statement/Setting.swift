/// A run-time setting that holds for one transaction (`SET LOCAL`), e.g. who the tenant is.
package struct Setting: Sendable {
    let name: String
    let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    var statement: SQL { "SELECT set_config(\(name), \(value), true)" }
}
