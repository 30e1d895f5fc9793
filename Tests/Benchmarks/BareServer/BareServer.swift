import Hummingbird

/// The measure of `scripts/bench`: what Hummingbird does with a route that only encodes JSON of the size of `/api/v1/me`, with no
/// middleware and no database.
@main struct BareServer {
    static func main() async throws {
        guard let port = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }) else {
            print("usage: bare-server PORT")
            return
        }
        let router = Router()
        router.get("/me") { _, _ in Person() }
        let application = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)))
        try await application.runService()
    }
}

/// As much as `/api/v1/me` says.
struct Person: ResponseEncodable {
    struct Named: Encodable {
        var id = "01a1fc35-d864-7bce-af53-ef682f92f317"
        var name = "Acme"
        var slug = "acme"
    }

    struct Profile: Encodable {
        var id = "01a1fc35-d866-7a74-912c-7ff65067e7ba"
        var name = "Ada"
        var email = "ada@example.com"
        var emailVerified = false
    }

    var tokenType = "apiToken"
    var role = "owner"
    var scopes = ["read"]
    var tenant = Named()
    var user = Profile()
}
