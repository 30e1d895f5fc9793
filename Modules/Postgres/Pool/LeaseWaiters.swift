import DequeModule

/// Who waits for a lease, in order of arrival.
struct LeaseWaiters {
    private var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
    private var order: Deque<Int> = []
    /// Waits that ended before they had begun, and why.
    private var ended: [Int: any Error] = [:]
    private var tickets = 0

    mutating func newTicket() -> Int {
        tickets += 1
        return tickets
    }

    /// Begins to wait; answers why not, if the wait is over already.
    mutating func wait(_ ticket: Int, _ continuation: CheckedContinuation<Void, any Error>) -> (any Error)? {
        if let error = ended.removeValue(forKey: ticket) { return error }
        waiting[ticket] = continuation
        order.append(ticket)
        return nil
    }

    /// Ends a wait: the continuation to be told, if it still waits.
    mutating func end(_ ticket: Int, _ error: any Error) -> CheckedContinuation<Void, any Error>? {
        let waiter = waiting.removeValue(forKey: ticket)
        if waiter == nil { ended[ticket] = error }
        return waiter
    }

    /// Drops what is remembered of a wait that is over.
    mutating func forget(_ ticket: Int) { ended.removeValue(forKey: ticket) }

    /// Whoever has waited longest, who waits no more.
    mutating func removeFirst() -> CheckedContinuation<Void, any Error>? {
        while let ticket = order.popFirst() {
            if let waiter = waiting.removeValue(forKey: ticket) { return waiter }
        }
        return nil
    }

    mutating func removeAll() -> [CheckedContinuation<Void, any Error>] {
        order.removeAll()
        return Array(exchange(&waiting, with: [:]).values)
    }
}
