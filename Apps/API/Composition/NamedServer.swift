import HTTP
import NIOCore
import ServiceLifecycle
import SystemPackage

/// A server whose failure to listen says which one it was, and what to change.
struct NamedServer: Service {
    let name: String
    let settings: ServerSettings
    let server: HTTPServer

    func run() async throws {
        do {
            try await server.run()
        } catch let error as IOError {
            let variable = name == "api" ? "TESSERA_HTTP_PORT" : "TESSERA_OPERATIONS_PORT"
            throw NotReady(faults: [
                "The \(name) server can't listen on \(settings.host):\(settings.port) (\(Errno(rawValue: error.errnoCode))). Stop what uses it, or set \(variable)."
            ])
        }
    }
}
