import NIOCore
import NIOSSL

/// TLS towards one host whose certificate must be good and bear its name.
struct RedisSecurity: Sendable {
    private let context: NIOSSLContext
    /// nil: the host is an address, and NIOSSL compares the certificate with the one we connect to.
    private let name: String?

    init(host: String, authorities: String?) throws(RedisConfigurationFailure) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let authorities { configuration.trustRoots = .file(authorities) }
        configuration.shutdownTimeout = .milliseconds(100)
        do { context = try NIOSSLContext(configuration: configuration) } catch {
            throw .init("TLS: no certificates can be read from the file that ca names")
        }
        name = (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
    }

    /// On the channel's event loop.
    func secure(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: name), position: .first)
    }
}
