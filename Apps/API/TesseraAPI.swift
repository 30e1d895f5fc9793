import ArgumentParser

/// `tessera-api`: serves by default.
@main
struct TesseraAPI: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tessera-api",
        abstract: "The tenant, token and usage backend.",
        discussion: "Configuration comes from TESSERA_* variables and, below them, the JSON file that TESSERA_CONFIG_FILE names.",
        subcommands: [Serve.self, Check.self, Keys.self, Administration.self, IntrospectorManagement.self, Audit.self],
        defaultSubcommand: Serve.self)
}
