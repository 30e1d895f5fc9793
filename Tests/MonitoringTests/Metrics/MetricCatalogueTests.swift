import Foundation
import Metrics
import Monitoring
import Testing

/// The catalogue and the code agree: a metric that isn't in it would vanish without a word.
struct MetricCatalogueTests {
    @Test func everyNameHasItsBaseUnitAndOnlyCountersAreTotals() {
        for metric in MetricCatalogue.all {
            #expect(metric.name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil, "\(metric.name)")
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
            switch metric.kind {
            case .counter: #expect(metric.name.hasSuffix("_total"))
            case .gauge: #expect(!metric.name.hasSuffix("_total"), "\(metric.name)")
            case .histogram(let bounds):
                #expect(metric.name.hasSuffix("_seconds"), "\(metric.name)")
                #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count)
            }
        }
        #expect(Set(MetricCatalogue.all.map(\.name)).count == MetricCatalogue.all.count)
    }

    @Test func everyMetricInTheSourcesIsInTheCatalogueAndOfItsKind() throws {
        let kinds = Dictionary(uniqueKeysWithValues: MetricCatalogue.all.map { ($0.name, $0.kind) })
        var found = 0
        for source in try sources() {
            for use in try String(contentsOf: source, encoding: .utf8).matches(of: /(Counter|Meter|Gauge|Timer|Recorder)\(\s*label: "(tessera_\w+)"/)
            {
                found += 1
                let agrees =
                    switch (use.1, kinds[String(use.2)]) {
                    case ("Counter", .counter?), ("Meter", .gauge?), ("Timer", .histogram?): true
                    default: false
                    }
                #expect(agrees, "\(use.1) \(use.2) in \(source.lastPathComponent)")
            }
        }
        #expect(found > 5)
    }

    @Test func everyMetricOfTheCatalogueIsUsedInTheSources() throws {
        let code = try sources().filter { $0.lastPathComponent != "MetricCatalogue.swift" }.map { try String(contentsOf: $0, encoding: .utf8) }
        for metric in MetricCatalogue.all {
            #expect(code.contains { $0.contains("\"\(metric.name)\"") }, "\(metric.name)")
        }
    }

    /// The Swift files of the modules and the apps.
    private func sources() throws -> [URL] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL
        return try ["Modules", "Apps"].flatMap { folder in
            let files = try #require(FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil))
            return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
        }
    }
}
