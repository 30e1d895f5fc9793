import Crypto
import FoundationEssentials

/// The passwords of a product's database roles, derived from one secret, so that a deployment keeps one.
package enum RolePassword {
    /// HMAC-SHA256(secret, role) as base64url without padding: 43 characters that need no quoting anywhere.
    package static func derive(secret: String, role: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(role.utf8), using: SymmetricKey(data: Array(secret.utf8)))
        return Data(Array(code)).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
