import NIOCore
import NIOSSL

/// TLS towards one host whose certificate must be good and bear its name.
struct SMTPSecurity {
    private let context: NIOSSLContext
    /// nil: the host is an address, and NIOSSL compares the certificate with the one we connect to.
    private let name: String?

    init(host: String, authorities: String?) throws(SMTPConfigurationFailure) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let authorities { configuration.trustRoots = .file(authorities) }
        // What a server that no longer answers may cost at the end.
        configuration.shutdownTimeout = .seconds(1)
        do { context = try NIOSSLContext(configuration: configuration) } catch {
            throw .init("TLS: no certificates can be read from the file that ca names")
        }
        name = (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
    }

    /// Begins the handshake, now or as soon as the channel is connected.
    func secure(_ channel: any Channel) async throws {
        try await channel.eventLoop.submit { try secureOnEventLoop(channel) }.get()
    }

    /// The same for who is on the channel's event loop already.
    func secureOnEventLoop(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: name), position: .first)
    }
}
