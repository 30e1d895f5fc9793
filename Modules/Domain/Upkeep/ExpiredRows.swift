/// Rows that are good for nothing any more: used secrets, old guesses, ended sessions, forgotten devices, sent mails.
package protocol ExpiredRows: Sendable {
    /// Deletes up to `most` of each kind that are past their retention. Answers how many, by kind.
    func sweep(_ most: Int) async throws -> [String: Int]
}
