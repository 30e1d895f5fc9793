/// A set that forgets: what was added longest ago goes first, by count and by time.
///
/// It has two generations, and drops the older one as a whole when the younger is full or old. So everything takes constant time, nothing is
/// swept, and however much is added the memory stays the same.
struct RecentSet<Element: Hashable & Sendable>: Sendable {
    private var young: Set<Element> = []
    private var old: Set<Element> = []
    /// When the younger generation began.
    private var start: ContinuousClock.Instant
    private let capacity: Int
    private let span: Duration

    /// - Parameters:
    ///   - capacity: elements that are remembered at most; half of them at least, once so many were added.
    ///   - lifetime: how long one is remembered at most after it was added; half of that at least, unless it is crowded out.
    init(capacity: Int, lifetime: Duration, at now: ContinuousClock.Instant) {
        (self.capacity, span, start) = (max(1, capacity / 2), lifetime / 2, now)
    }

    /// Elements that are kept, those that had their time included.
    var count: Int { young.count + old.count }

    mutating func contains(_ element: Element, at now: ContinuousClock.Instant) -> Bool {
        age(to: now)
        return young.contains(element) || old.contains(element)
    }

    mutating func insert(_ element: Element, at now: ContinuousClock.Instant) {
        age(to: now)
        guard !young.contains(element) else { return }
        if young.count >= capacity { (old, young, start) = (young, [], now) }
        old.remove(element)
        young.insert(element)
    }

    mutating func remove(_ element: Element) {
        young.remove(element)
        old.remove(element)
    }

    private mutating func age(to now: ContinuousClock.Instant) {
        let age = start.duration(to: now)
        if age >= span * 2 {
            (old, young, start) = ([], [], now)
        } else if age >= span {
            // Not from now on: what is in it may be as old as its generation.
            (old, young, start) = (young, [], start + span)
        }
    }
}
