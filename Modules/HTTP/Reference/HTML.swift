/// A piece of HTML. Whatever isn't a literal of this source is escaped on its way in.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral value: String) { text = value }

    init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    init(joining pieces: some Sequence<HTML>) { text = pieces.map(\.text).joined(separator: "\n") }

    struct StringInterpolation: StringInterpolationProtocol {
        var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: String) { text += literal }

        mutating func appendInterpolation(_ html: HTML) { text += html.text }

        mutating func appendInterpolation(_ plain: String) { text += plain.htmlEscaped }

        mutating func appendInterpolation(_ number: Int) { text += String(number) }

        /// Prose with `code` between backticks.
        mutating func appendInterpolation(prose: String) {
            for (index, part) in prose.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
                text += index.isMultiple(of: 2) ? String(part).htmlEscaped : "<code>\(String(part).htmlEscaped)</code>"
            }
        }
    }
}

extension String {
    fileprivate var htmlEscaped: String {
        var escaped = ""
        for character in unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
