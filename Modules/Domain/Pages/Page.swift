package import FoundationEssentials

/// Which part of a list is wanted.
package struct PageRequest: Sendable {
    package let position: Position
    /// At most this many items: 1–100 in a list, more where all of it is read page by page.
    package let limit: Int

    package init(_ position: Position, limit: Int) {
        self.position = position
        self.limit = limit
    }

    package enum Position: Sendable {
        /// The page of that number, from 1; `page × limit` is at most ``PageRequest/deepest``.
        case number(Int)
        /// What comes behind that item.
        case after(Keyset)
    }

    /// How far numbered pages reach, in items. Behind it a cursor is needed: an offset reads and drops all rows before it.
    package static let deepest = 10_000

    /// Items to pass over; 0 behind a cursor.
    package var offset: Int {
        if case .number(let number) = position { (number - 1) * limit } else { 0 }
    }

    /// Where the page begins behind a cursor.
    package var keyset: Keyset? {
        if case .after(let keyset) = position { keyset } else { nil }
    }
}

/// The place of one item in a list that is ordered by time and, within an instant, by id.
package struct Keyset: Hashable, Sendable {
    package let time: Date
    package let id: UUID

    package init(time: Date, id: UUID) {
        self.time = time
        self.id = id
    }
}

/// A part of a list.
package struct Page<Item: Sendable>: Sendable {
    package let items: [Item]
    /// How many there are in all; nil behind a cursor, and where counting was given up.
    package let total: Int?
    /// Counting stopped because there are too many.
    package let totalIsCapped: Bool
    /// The last item's place if more come behind it.
    package let next: Keyset?

    package init(items: [Item], total: Int?, totalIsCapped: Bool = false, next: Keyset?) {
        self.items = items
        self.total = total
        self.totalIsCapped = totalIsCapped
        self.next = next
    }

    /// The page made of up to `limit + 1` items: the one too many only tells that more come.
    package init(fetched: [Item], limit: Int, total: Int?, totalIsCapped: Bool = false, keyset: (Item) -> Keyset) {
        let items = Array(fetched.prefix(limit))
        self.init(
            items: items, total: total, totalIsCapped: totalIsCapped, next: fetched.count > limit ? items.last.map(keyset) : nil)
    }
}
