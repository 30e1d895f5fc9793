import ArgumentParser
import Auth
import Domain
import Foundation

/// What an operator does about services that may ask about tokens of every tenant.
struct IntrospectorManagement: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "introspector", abstract: "Manage the platform's own introspectors (Docs/Introspection.md).",
        subcommands: [Create.self, List.self, Revoke.self])

    /// Makes one.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an introspector.",
            discussion: "Prints its client_id and its client_secret, which is shown this once and kept nowhere.")

        @Option(help: "What people know it by: 1 to 100 characters on one line.")
        var name: String

        func validate() throws {
            guard Introspector.nameBounds.contains(name.unicodeScalars.count),
                name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw ValidationError("--name must have 1 to 100 characters on one line.") }
        }

        func run() async throws {
            try await Launch.reportingFailures { settings, logger, registry in
                let (introspector, plain) = try await Composition(settings, logger, registry).introspectors { [name] in try await $0.create(name) }
                print("client_id: \(introspector.id)\nclient_secret: \(plain.reveal())")
            }
        }
    }

    /// Lists all there ever were.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all introspectors, the newest first: id, made, revoked or active, name.")

        func run() async throws {
            try await Launch.reportingFailures { settings, logger, registry in
                for introspector in try await Composition(settings, logger, registry).introspectors({ try await $0.all() }) {
                    let state = introspector.revokedAt.map { "revoked \(RFC3339.format($0))" } ?? "active"
                    print("\(introspector.id)  \(RFC3339.format(introspector.createdAt))  \(state)  \(introspector.name)")
                }
            }
        }
    }

    /// Ends one for good.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke an introspector for good; from the next request on it is refused.")

        @Argument(help: "Its client_id.")
        var id: String

        func validate() throws {
            guard IntrospectorID(id) != nil else { throw ValidationError("The id looks like a4b37dac-16cd-4725-80da-16c12a3a0352.") }
        }

        func run() async throws {
            guard let id = IntrospectorID(id) else { return }
            try await Launch.reportingFailures { settings, logger, registry in
                switch try await Composition(settings, logger, registry).introspectors({ try await $0.revoke(id) }) {
                case .revoked: print("The introspector \(id) is revoked.")
                case .revokedBefore: print("The introspector \(id) was revoked before.")
                case .unknown: throw NotReady(faults: ["There is no introspector \(id): tessera-api introspector list shows them."])
                }
            }
        }
    }
}
