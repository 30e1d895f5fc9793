import Auth
import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// The two secrets of a session that a browser can keep away from its scripts. `__Host-` ties them to this very host
/// (draft-ietf-httpbis-rfc6265bis §4.1.3.2).
enum SessionCookie: String, CaseIterable {
    case refresh = "__Host-tessera-refresh"
    case device = "__Host-tessera-device"

    /// What `request` carries; nil where it is absent or empty.
    func value(in request: Request) -> String? {
        guard let value = request.cookies[rawValue]?.value, !value.isEmpty else { return nil }
        return value
    }

    /// The cookie that keeps `secret` for as long as it is good.
    func keeping(_ secret: PlainToken) -> Cookie { cookie(secret.reveal(), seconds: Int(lifetime)) }

    /// The cookie that makes a browser forget.
    var forgetting: Cookie { cookie("", seconds: 0) }

    private var lifetime: TimeInterval {
        switch self {
        case .refresh: Session.idleLifetime
        case .device: DeviceToken.lifetime
        }
    }

    private func cookie(_ value: String, seconds: Int) -> Cookie {
        Cookie(name: rawValue, value: value, maxAge: seconds, path: "/", secure: true, httpOnly: true, sameSite: .strict)
    }
}
