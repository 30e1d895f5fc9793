package import Domain

/// What a new password must be: long enough, and not one that everybody tries first. It is kept exactly as it was typed.
package enum PasswordPolicy {
    /// Unicode scalars.
    package static let length = 8...128

    /// What is wrong with `password`; nil if nothing. The pointer is the caller's to set.
    package static func check(_ password: String) -> FieldFault? {
        let count = password.unicodeScalars.count
        if count < length.lowerBound { return FieldFault("", "too_short", "A password has at least \(length.lowerBound) characters.") }
        if count > length.upperBound { return FieldFault("", "too_long", "A password has at most \(length.upperBound) characters.") }
        if CommonPasswords.contain(password) {
            return FieldFault("", "too_common", "This password is among the most common ones, which are guessed first: choose another.")
        }
        return nil
    }
}
