import Domain
import Foundation
import HTTP
import HTTPTypes
import Postgres
import Support
import Testing

/// Every route × everybody × every kind of credential: what is answered follows from the permission table, and nothing is left out.
@Suite struct AccessMatrixTests {
    /// What a call is answered.
    private enum Verdict: Equatable {
        case success
        case refused(String)
        case faulty
        case notFound
    }

    @Test func everyCallIsAnsweredAsTheTableSays() async throws {
        try await RunningAPI.with { api in
            let connection = try await api.database.connect()
            var cast = try await Cast(api, connection)
            var calls = 0
            for route in Endpoint.all {
                let anonymous = try await call(route, api, id: UUID().uuidString, as: nil)
                #expect(anonymous == Self.anonymous(route), "\(route.operationID)")
                calls += 1
                for index in cast.people.indices {
                    for kind in Cast.CredentialKind.allCases {
                        let caller = cast.people[index]
                        // Outsiders reach for what belongs to the others' owner.
                        let owner = caller.kind.isOutside && !route.isForThePlatform ? cast.people[3] : caller
                        let id = try await Cast.target(of: route.path, in: owner.tenant, for: owner.user, connection)
                        let verdict = try await call(route, api, id: id, as: caller.credential(kind))
                        #expect(verdict == Self.expected(route, caller.kind, kind), "\(caller.kind) by \(kind): \(route.operationID)")
                        calls += 1
                    }
                }
                if Self.endsItsCaller.contains(route.operationID) { cast = try await Cast(api, connection) }
            }
            // anonymous + 6 people × 4 credentials, for each route.
            #expect(calls == Endpoint.all.count * 25)
            await connection.close()
        }
    }

    /// Behind these, a caller is no longer who they were.
    private static let endsItsCaller: Set<String> = [
        "logout", "reauthenticate", "endOtherSessions", "deleteMe", "changePassword", "deleteTenant", "revokeOwnToken", "rotateOwnToken",
    ]

    private func call(_ route: Endpoint, _ api: RunningAPI, id: String, as credential: String?) async throws -> Verdict? {
        let body = route.access == .open || route.access == .optionalSession ? (route.method == .get ? nil : "{}") : RouteExample.body(of: route)
        let reply = try await api.send(
            route.method.rawValue, route.path.with(id: id), as: credential, json: body, headers: RouteExample.headers(of: route))
        switch reply.status {
        case 200...299: return .success
        case 401, 403: return reply.code.map { .refused($0) }
        case 404: return .notFound
        case 422: return .faulty
        default:
            Issue.record("\(route.operationID): \(reply.status) \(reply.body)")
            return nil
        }
    }

    private static func anonymous(_ route: Endpoint) -> Verdict {
        switch route.access {
        case .open: route.method == .get ? .success : .faulty
        case .optionalSession where route.operationID != "logout": .faulty
        default: .refused("authentication_required")
        }
    }

    /// Told from the table alone: where a role or a scope is missing, and otherwise whose the target is.
    private static func expected(_ route: Endpoint, _ caller: Cast.Kind, _ credential: Cast.CredentialKind) -> Verdict {
        let role = Role(rawValue: caller.rawValue) ?? .owner
        let reached: Verdict = caller.isOutside && route.path.contains("{") && !route.isForThePlatform ? .notFound : .success
        let isSession = credential == .session
        switch route.access {
        case .open: return anonymous(route)
        case .optionalSession:
            if !isSession { return .refused("session_required") }
            return route.operationID == "logout" ? .success : .faulty
        case .credential: return .success
        case .session, .account: return isSession ? reached : .refused("session_required")
        case .sessionRole(let least, _):
            if !isSession { return .refused("session_required") }
            return role >= least ? reached : .refused("forbidden")
        case .permission(let permission), .sessionOrPermission(let permission):
            // Nobody but oneself may be taken out without the permission.
            guard PermissionTable.permissions(of: role).contains(permission) else { return .refused("forbidden") }
            guard isSession || Scope(credential.rawValue)?.permissions.contains(permission) == true else { return .refused("insufficient_scope") }
            return reached
        case .introspection:
            guard PermissionTable.permissions(of: role).contains(.introspect) else { return .refused("forbidden") }
            return isSession || Scope(credential.rawValue)?.permissions.contains(.introspect) == true ? .success : .refused("insufficient_scope")
        case .forwarded:
            // It takes what its own method takes, and what stands behind its path is nobody's.
            let permission: Permission = route.method == .get ? .dataRead : .dataWrite
            guard PermissionTable.permissions(of: role).contains(permission) else { return .refused("forbidden") }
            return isSession || Scope(credential.rawValue)?.permissions.contains(permission) == true ? .success : .refused("insufficient_scope")
        case .ownToken: return isSession ? .refused("forbidden") : .success
        case .platformAdmin:
            if !isSession { return .refused("session_required") }
            return caller == .platformAdmin ? .success : .refused("forbidden")
        }
    }
}

extension Endpoint {
    /// Whether it is for platform administrators.
    fileprivate var isForThePlatform: Bool { if case .platformAdmin = access { true } else { false } }
}
