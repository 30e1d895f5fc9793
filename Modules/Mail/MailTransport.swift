/// A way for messages to leave.
package protocol MailTransport: Sendable {
    /// Returns once somebody else is responsible for `message`: a server has accepted it, or a file holds it.
    ///
    /// Throws ``MailFailure``, or `CancellationError` if the task is cancelled first. Whoever tries again sends the same `id`: a
    /// failure may come after the server accepted the message and before we learned of it.
    func send(_ message: MailMessage) async throws
}
