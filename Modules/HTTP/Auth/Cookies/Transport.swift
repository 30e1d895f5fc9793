import Auth
import Domain
import HTTPTypes
import Hummingbird

/// How a session's refresh and device tokens travel.
enum Transport: String {
    case body, cookie
}

extension BodyReader {
    /// `transport`; nil where the caller leaves it out.
    mutating func transport() -> Transport? {
        guard let text = string("transport", 1...20) else { return nil }
        guard let transport = Transport(rawValue: text) else {
            fault("transport", "invalid", "transport must be body or cookie.")
            return nil
        }
        return transport
    }
}

/// Reads and writes the secrets of sessions, in bodies or cookies.
package struct SessionTransport: Sendable {
    private let sameOrigin: SameOrigin

    package init(sameOrigin: SameOrigin) { self.sameOrigin = sameOrigin }

    /// The answer with `grant`'s secrets, in its body or in cookies.
    func answer(_ grant: SessionGrant, by transport: Transport, to call: Call, status: HTTPResponse.Status = .ok) throws -> Response {
        guard transport == .cookie else { return try .json(SessionBody(grant, withSecrets: true), status: status) }
        try sameOrigin.check(call.request)
        var response = try Response.json(SessionBody(grant, withSecrets: false), status: status)
        response.setCookie(SessionCookie.refresh.keeping(grant.refreshToken))
        if let device = grant.deviceToken { response.setCookie(SessionCookie.device.keeping(device)) }
        return response
    }

    /// What a cookie keeps for `call`. Throws ``ErrorCode/forbidden`` for a foreign page, and ``ErrorCode/invalidRequest`` where the
    /// body has such a secret too.
    func cookie(_ cookie: SessionCookie, of call: Call, besides inBody: String?) throws(Refusal) -> String? {
        guard let value = cookie.value(in: call.request) else { return nil }
        if inBody != nil { throw Refusal(.invalidRequest, "The secret comes in the cookie and in the body: send one of them.") }
        try sameOrigin.check(call.request)
        return value
    }

    /// How the secrets of a session that takes the place of another travel: as `wanted`, or else as the other's do. What a cookie keeps stays
    /// in one: what scripts can't read must not become readable to them.
    func transport(_ wanted: Transport?, replacing kept: String?) throws(Refusal) -> Transport {
        guard kept != nil else { return wanted ?? .body }
        guard wanted != .body else {
            throw .invalid([FieldFault("/transport", "invalid", "A session that is kept in a cookie stays there: log in anew for the other.")])
        }
        return .cookie
    }

    /// Refuses early what ``answer(_:by:to:status:)`` would refuse: before anything is stored.
    func check(_ transport: Transport?, _ call: Call) throws(Refusal) {
        if transport == .cookie { try sameOrigin.check(call.request) }
    }
}
