/// One member of a request that can't be accepted.
package struct FieldFault: Hashable, Sendable {
    /// A JSON Pointer into the body (RFC 6901), or the name of a query parameter behind `?`.
    package let pointer: String
    /// `required`, `unknown_field`, `wrong_type`, `too_short`, `too_long`, `too_common`, `out_of_range`, `invalid`, `not_supported`.
    package let code: String
    /// A sentence that says what would be accepted.
    package let detail: String

    package init(_ pointer: String, _ code: String, _ detail: String) {
        self.pointer = pointer
        self.code = code
        self.detail = detail
    }
}
