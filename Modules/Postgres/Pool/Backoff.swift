/// Waits between attempts: twice as long each time, from 50 ms to 5 s, with ± 20 % of jitter.
struct Backoff {
    private var delay = Duration.milliseconds(50)

    mutating func next() -> Duration {
        defer { delay = min(delay * 2, .seconds(5)) }
        return delay * Double.random(in: 0.8...1.2)
    }

    mutating func reset() { delay = .milliseconds(50) }
}
