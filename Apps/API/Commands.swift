import ArgumentParser
import Foundation
import Logging
import Metrics
import Monitoring
import NIOCore

/// Serves the API until SIGTERM or SIGINT.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the API (the default).")

    func run() async throws {
        // Handlers run on the cooperative pool, which has a thread a core; event loops only read and write sockets. With a loop a
        // core as well, the two pools take turns on the cores: measured 13 % fewer requests a second on two.
        NIOSingletons.groupLoopCountSuggestion = max(1, System.coreCount / 2)
        try await Launch.reportingFailures { settings, logger, registry in
            let composition = Composition(settings, logger, registry)
            try await composition.serve(with: try await composition.check())
        }
    }
}

/// Tells whether the API would start here: configuration, database, roles, schema, keys.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check configuration and database, and serve nothing.")

    func run() async throws {
        try await Launch.reportingFailures { settings, logger, registry in
            _ = try await Composition(settings, logger, registry).check()
            print("Configuration and database are in order.")
        }
    }
}

/// What there is to do about the keys that sign access tokens.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Manage the keys that sign access tokens.", subcommands: [Rotate.self])

    /// Makes another key. Nobody is logged out: the old ones verify for as long as what they signed lives.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make another signing key; every node takes it up within two minutes.")

        func run() async throws {
            try await Launch.reportingFailures { settings, logger, registry in
                print("The key \(try await Composition(settings, logger, registry).rotateKeys()) signs from a minute from now.")
            }
        }
    }
}

/// What every command begins and ends with.
enum Launch {
    /// Reads the settings, starts logs and metrics and runs `body`; a failure becomes sentences on standard error and exit code 1.
    static func reportingFailures(_ body: (Settings, Logger, PrometheusRegistry) async throws -> Void) async throws {
        let output = LogOutput()
        do {
            let settings = try await Settings.load(environment: ProcessInfo.processInfo.environment)
            let registry = PrometheusRegistry()
            MetricsSystem.bootstrap(registry)
            ProcessMetrics.register(with: registry)
            LoggingSystem.bootstrap { label in
                LineLogHandler(label: label, level: settings.logLevel, layout: settings.logFormat == .json ? .json : .text, output: output)
            }
            try await body(settings, Logger(label: "tessera"), registry)
            output.flush()
        } catch {
            output.flush()
            FileHandle.standardError.write(Data("tessera-api: \(FailureSentence.of(error))\n".utf8))
            throw ExitCode.failure
        }
    }
}
