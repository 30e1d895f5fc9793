import Domain
package import Hummingbird
import Logging
package import NIOCore

/// What Hummingbird carries beside a request: its own storage, and one ``RequestScope``.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let scope: RequestScope
    /// The connection, to be given up when it can't be written to.
    package let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        scope = RequestScope(remoteAddress: source.channel.remoteAddress?.ipAddress.flatMap(IPAddress.init))
    }
}
