import Domain
package import Hummingbird
import Logging
import NIOCore

/// What Hummingbird carries beside a request: its own storage, and one ``RequestScope``.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let scope: RequestScope

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        scope = RequestScope(remoteAddress: source.channel.remoteAddress?.ipAddress.flatMap(IPAddress.init))
    }
}
