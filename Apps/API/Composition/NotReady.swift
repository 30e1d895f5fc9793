/// Why the API doesn't serve, a sentence each.
struct NotReady: Error, CustomStringConvertible {
    let faults: [String]

    var description: String { faults.joined(separator: "\n") }
}
