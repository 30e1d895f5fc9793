import ArgumentParser
import Auth
import Domain

/// What an operator does about platform administrators.
struct Administration: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "admin", abstract: "Manage platform administrators.", subcommands: [Create.self])

    /// Makes a platform administrator of an account, or a new account.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a platform administrator.",
            discussion: """
                The account with this e-mail becomes one. If there is none, it is made, and a link for setting its password is mailed \
                (tessera-api sends mails while it serves), unless the password is given.
                """)

        @Option(help: "The administrator's e-mail address.")
        var email: String

        @Option(help: "The name of a new account; otherwise what stands before the @.")
        var name: String?

        @Flag(help: "Read a new account's password from the first line of standard input.")
        var passwordFromStandardInput = false

        func validate() throws {
            guard EmailAddress(email) != nil else { throw ValidationError("--email must be an e-mail address like name@example.com.") }
            if let name, !(1...100).contains(name.unicodeScalars.count) { throw ValidationError("--name must have 1 to 100 characters.") }
        }

        func run() async throws {
            guard let address = EmailAddress(email) else { return }
            let password = passwordFromStandardInput ? readLine(strippingNewline: true) ?? "" : nil
            try await Launch.reportingFailures { settings, logger, registry in
                let composition = Composition(settings, logger, registry)
                switch try await composition.appoint(address, name: name, password: password) {
                case .created where password == nil:
                    print("\(address.text) is a platform administrator; a link for setting the password is on its way by mail.")
                case .created: print("\(address.text) is a platform administrator and logs in with that password.")
                case .granted(let emailIsConfirmed):
                    print("\(address.text) is a platform administrator now.")
                    if !emailIsConfirmed { print("That address was never confirmed: make sure that the account is theirs.") }
                case .alreadyAdministrator: print("\(address.text) is a platform administrator already.")
                case .disabled: throw NotReady(faults: ["The account \(address.text) is disabled: enable it first, or take another."])
                }
            }
        }
    }
}
