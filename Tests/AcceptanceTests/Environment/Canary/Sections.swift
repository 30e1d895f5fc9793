/// Where each of the sections of a text begins, one behind the other.
struct Sections: Sendable {
    private var starts: [Int] = []

    init() {}

    init(linesOf text: [UInt8]) {
        starts = [0] + text.indices.lazy.filter { text[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
    }

    /// Begins a section; answers how many there were before.
    mutating func begin(at offset: Int) -> Int {
        starts.append(offset)
        return starts.count - 1
    }

    /// Which section an offset is in, from 0.
    func index(of offset: Int) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    /// Where the section begins that an offset is in.
    func start(of offset: Int) -> Int { starts[index(of: offset)] }
}
