/// The schema this code is written for.
package enum SchemaVersion {
    /// The newest migration's version.
    package static let current: Int64 = 20_261_121_001_600
}
