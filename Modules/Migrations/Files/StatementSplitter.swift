/// Cuts SQL into statements the way the server would: it knows quotes, dollar quotes and nested comments
/// (PostgreSQL's documentation, 4.1 "Lexical Structure").
struct StatementSplitter {
    private let characters: [Character]
    private var position = 0
    private var line = 0
    private var current = ""
    private var currentLine = 0
    private var statements: [MigrationSection.Statement] = []

    init(_ text: String) { characters = Array(text) }

    /// Throws a sentence where a quote or comment isn't closed, or a psql command stands.
    static func split(_ text: String) throws(MalformedSQL) -> [MigrationSection.Statement] {
        var splitter = StatementSplitter(text)
        try splitter.run()
        return splitter.statements
    }

    private mutating func run() throws(MalformedSQL) {
        while let character = peek() {
            switch character {
            case "-" where peek(1) == "-": skipLine()
            case "/" where peek(1) == "*": try skipComment()
            case "'": try copyQuoted("'", backslashes: current.last.map { $0 == "E" || $0 == "e" } ?? false)
            case "\"": try copyQuoted("\"", backslashes: false)
            case "$": try copyDollar()
            case ";":
                position += 1
                finishStatement()
            case "\\": throw MalformedSQL("psql commands (\\) can't be run here", line: line)
            case _ where character.isWhitespace: foldWhitespace()
            default: copy()
            }
        }
        finishStatement()
    }

    private func peek(_ offset: Int = 0) -> Character? {
        position + offset < characters.count ? characters[position + offset] : nil
    }

    private mutating func copy() {
        if current.isEmpty { currentLine = line }
        current.append(next())
    }

    private mutating func next() -> Character {
        defer { position += 1 }
        if characters[position].isNewline { line += 1 }
        return characters[position]
    }

    private mutating func foldWhitespace() {
        _ = next()
        if !current.isEmpty, current.last != " " { current.append(" ") }
    }

    private mutating func skipLine() {
        while let character = peek(), !character.isNewline { position += 1 }
    }

    private mutating func skipComment() throws(MalformedSQL) {
        let start = line
        var depth = 0
        repeat {
            guard let character = peek() else { throw MalformedSQL("a comment is not closed", line: start) }
            if character == "/", peek(1) == "*" { depth += 1 } else if character == "*", peek(1) == "/" { depth -= 1 }
            let isMark = (character == "/" && peek(1) == "*") || (character == "*" && peek(1) == "/")
            _ = next()
            if isMark { _ = next() }
        } while depth > 0
        if !current.isEmpty, current.last != " " { current.append(" ") }
    }

    private mutating func copyQuoted(_ quote: Character, backslashes: Bool) throws(MalformedSQL) {
        let start = line
        copy()
        while let character = peek() {
            copy()
            if backslashes, character == "\\", peek() != nil { copy() }
            if character == quote {
                if peek() == quote { copy() } else { return }
            }
        }
        throw MalformedSQL("a quote is not closed", line: start)
    }

    private mutating func copyDollar() throws(MalformedSQL) {
        let isInsideName = current.last.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
        let tag = characters[(position + 1)...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        let end = position + 1 + tag.count
        guard !isInsideName, end < characters.count, characters[end] == "$", tag.first?.isNumber != true else { return copy() }
        let start = line
        let mark = Array(characters[position...end])
        for _ in mark { copy() }
        while peek() != nil {
            if characters[position...].starts(with: mark) {
                for _ in mark { copy() }
                return
            }
            copy()
        }
        throw MalformedSQL("a dollar quote is not closed", line: start)
    }

    private mutating func finishStatement() {
        while current.last == " " { current.removeLast() }
        if !current.isEmpty { statements.append(.init(text: current, line: currentLine)) }
        current = ""
    }
}

/// SQL that can't be cut into statements.
struct MalformedSQL: Error {
    let reason: String
    /// From 0.
    let line: Int

    init(_ reason: String, line: Int) {
        self.reason = reason
        self.line = line
    }
}
