import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Support
import Testing

/// The configuration of `Docs/ForwardAuth.md`, run by nginx in front of static files.
@Suite struct NginxTests {
    @Test func theDocumentedConfigurationProtectsAnUpstream() async throws {
        try await RunningAPI.with(["TESSERA_HTTP_TRUSTED_PROXIES": "127.0.0.0/8", "TESSERA_LIMITS_TOKEN": "6/3600"]) { api in
            let ada = try await api.register()
            let nginx = try await Nginx.start(tessera: "127.0.0.1:\(api.port)")
            defer { nginx.stop() }
            func get(_ path: String, as credential: String?, _ method: HTTPMethod = .GET) async throws -> (
                status: Int, body: String, headers: HTTPHeaders
            ) {
                var request = HTTPClientRequest(url: "http://127.0.0.1:\(nginx.port)\(path)")
                request.method = method
                if let credential { request.headers.add(name: "Authorization", value: "Bearer \(credential)") }
                // A client's own word about itself is dropped.
                request.headers.add(name: "X-Tessera-User", value: "forged")
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
                return (Int(response.status.code), String(buffer: try await response.body.collect(upTo: 1 << 20)), response.headers)
            }
            let reader = try await api.token(ada, scopes: ["read"])
            let passed = try await get("/orders/7?x=1", as: reader.secret)
            #expect(passed.status == 200)
            #expect(passed.body == "orders for \(ada.user) of \(ada.tenant)\n")
            #expect(try await get("/orders/7", as: nil).status == 401)
            #expect(try await get("/orders/7", as: nil).headers.first(name: "WWW-Authenticate") == #"Bearer realm="tessera""#)
            #expect(try await get("/orders/7", as: "nonsense").status == 401)
            // A change takes data:write, the reports a scope of their own.
            #expect(try await get("/orders/7", as: reader.secret, .POST).status == 403)
            #expect(try await get("/reports/", as: reader.secret).status == 403)
            let reporter = try await api.token(ada, scopes: ["app:reports"])
            #expect(try await get("/reports/", as: reporter.secret).status == 200)
            #expect(try await get("/orders/7", as: reporter.secret).status == 403)
            // Six requests a token, then 429 with its delay.
            for _ in 0..<3 { #expect(try await get("/orders/9", as: reader.secret).status == 200) }
            let limited = try await get("/orders/9", as: reader.secret)
            #expect(limited.status == 429)
            #expect(limited.headers.first(name: "Retry-After") != nil)
            #expect(try await api.usageTotal(of: reader.id, as: ada.accessToken, reaches: 7) == 7)
            let usage = try await api.get("/api/v1/tokens/\(reader.id)/usage", as: ada.accessToken).body.usage.array
            #expect(Set(usage.compactMap(\.endpoint.string)) == ["/orders/7", "/orders/9", "/reports/"])
            #expect(Set(usage.compactMap(\.method.string)) == ["GET", "POST"])
        }
    }
}

/// An nginx of a test's own, configured by the block of the documentation, with an upstream that says who it heard of.
private struct Nginx {
    let port: Int
    private let process: ChildProcess
    private let folder: String

    static func start(tessera: String) async throws -> Nginx {
        let text = try String(contentsOfFile: Checkout.path("Docs/ForwardAuth.md"), encoding: .utf8)
        let block = try #require(text.firstMatch(of: /```nginx\n([^`]*)```/)).1
        let folder = FileManager.default.temporaryDirectory.appending(path: "tessera-nginx-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (port, upstream) = (Int.random(in: 20_000..<30_000), Int.random(in: 30_000..<32_000))
        let sites = block.replacing("127.0.0.1:8080", with: tessera).replacing("listen 8000;", with: "listen 127.0.0.1:\(port);")
            .replacing("127.0.0.1:9000", with: "127.0.0.1:\(upstream)")
        let configuration = """
            daemon off; pid \(folder)/pid; error_log stderr warn; worker_processes 1;
            events { worker_connections 64; }
            http {
                access_log off; client_body_temp_path \(folder)/body; proxy_temp_path \(folder)/proxy; fastcgi_temp_path \(folder)/f;
                uwsgi_temp_path \(folder)/u; scgi_temp_path \(folder)/s;
                server {
                    listen 127.0.0.1:\(upstream);
                    location /orders { return 200 "orders for $http_x_tessera_user of $http_x_tessera_tenant\\n"; }
                    location /reports { return 200 "reports\\n"; }
                }
                \(sites)
            }
            """
        try configuration.write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
        let process = try ChildProcess("/usr/sbin/nginx", ["-p", folder, "-c", folder + "/nginx.conf", "-e", "stderr"])
        let nginx = Nginx(port: port, process: process, folder: folder)
        do {
            try await eventually("nginx listens", within: .seconds(20)) {
                guard process.isRunning else { throw Missing(what: "nginx ended: \(process.standardError)") }
                return (try? await HTTPClient.shared.execute(HTTPClientRequest(url: "http://127.0.0.1:\(port)/"), timeout: .seconds(1))) != nil
            }
        } catch {
            nginx.stop()
            throw error
        }
        return nginx
    }

    func stop() {
        process.signal(SIGTERM)
        try? FileManager.default.removeItem(atPath: folder)
    }
}
