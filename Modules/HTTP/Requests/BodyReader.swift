package import Domain

/// Reads the members of a JSON object strictly: each fault is remembered with its JSON Pointer, and ``finish()`` throws them
/// all at once, unknown members included.
package struct BodyReader {
    private let members: [String: JSONValue]
    private var asked: Set<String> = []
    package private(set) var faults: [FieldFault] = []

    init(_ members: [String: JSONValue]) { self.members = members }

    /// Whether the member is there at all, be it null.
    package func has(_ name: String) -> Bool { members[name] != nil }

    /// The member's value; nil if it is absent or null.
    mutating func value(_ name: String) -> JSONValue? {
        asked.insert(name)
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    package mutating func fault(_ name: String, _ code: String, _ detail: String) {
        faults.append(FieldFault("/" + name.pointerEscaped, code, detail))
    }

    /// A fault of one item of an array.
    mutating func faultItem(_ name: String, _ index: Int, _ code: String, _ detail: String) {
        faults.append(FieldFault("/\(name.pointerEscaped)/\(index)", code, detail))
    }

    /// A fault of one member of an object.
    mutating func faultMember(_ name: String, _ member: String, _ code: String, _ detail: String) {
        faults.append(FieldFault("/\(name.pointerEscaped)/\(member.pointerEscaped)", code, detail))
    }

    /// A string whose length in Unicode scalars, after trimming, is within `bounds`; nil where absent.
    package mutating func string(_ name: String, _ bounds: ClosedRange<Int>) -> String? {
        guard let text = plainString(name)?.trimmed else { return nil }
        return checkLength(text, name, bounds) ? text : nil
    }

    /// Like ``string(_:_:)``; its absence is a fault.
    package mutating func requiredString(_ name: String, _ bounds: ClosedRange<Int>) -> String? {
        if isMissing(name) { return nil }
        return string(name, bounds)
    }

    /// A string exactly as it came: for secrets.
    package mutating func requiredExactString(_ name: String, _ bounds: ClosedRange<Int>) -> String? {
        if isMissing(name) { return nil }
        guard let text = plainString(name) else { return nil }
        return checkLength(text, name, bounds) ? text : nil
    }

    /// One of the words of `Choice`; its absence is a fault.
    package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _: Choice.Type) -> Choice? {
        guard let text = requiredString(name, 1...40) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            fault(name, "invalid", "\(name) must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
            return nil
        }
        return choice
    }

    /// Distinct words of `Choice`; nil where the member is absent or null.
    package mutating func choices<Choice: RawRepresentable<String> & CaseIterable & Hashable>(_ name: String, _: Choice.Type) -> Set<Choice>? {
        guard let items = array(name, 0...Choice.allCases.count) else { return nil }
        var choices: Set<Choice> = []
        for (index, item) in items.enumerated() {
            guard case .string(let text) = item, let choice = Choice(rawValue: text) else {
                faultItem(name, index, "invalid", "Each item must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
                continue
            }
            if !choices.insert(choice).inserted { faultItem(name, index, "repeated", "Each is given once.") }
        }
        return choices
    }

    /// An id of an `Entity`.
    package mutating func id<Entity>(_ name: String, of _: Entity.Type) -> Identifier<Entity>? {
        guard let text = string(name, 1...64) else { return nil }
        guard let id = Identifier<Entity>(text) else {
            fault(name, "invalid", "\(name) must be an id like 01890a5d-ac96-774b-bcce-b302099a8057.")
            return nil
        }
        return id
    }

    package mutating func bool(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value else {
            fault(name, "wrong_type", "\(name) must be true or false, not \(value.kind).")
            return nil
        }
        return flag
    }

    package mutating func integer(_ name: String, _ bounds: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .integer(let number) = value else {
            fault(name, "wrong_type", "\(name) must be a whole number, not \(value.kind).")
            return nil
        }
        guard bounds.contains(number) else {
            fault(name, "out_of_range", "\(name) must be from \(bounds.lowerBound) to \(bounds.upperBound).")
            return nil
        }
        return number
    }

    mutating func array(_ name: String, _ bounds: ClosedRange<Int>) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard case .array(let items) = value else {
            fault(name, "wrong_type", "\(name) must be an array, not \(value.kind).")
            return nil
        }
        guard bounds.contains(items.count) else {
            fault(name, "out_of_range", "\(name) must have \(bounds.lowerBound) to \(bounds.upperBound) items.")
            return nil
        }
        return items
    }

    /// The members of an object; nil where absent. Null is no object.
    mutating func object(_ name: String) -> [String: JSONValue]? {
        asked.insert(name)
        guard let value = members[name] else { return nil }
        guard case .object(let members) = value else {
            fault(name, "wrong_type", "\(name) must be an object, not \(value.kind).")
            return nil
        }
        return members
    }

    /// Takes over the faults of the object that is the member `name`, or the item at `index` of that member.
    mutating func absorb(_ reader: BodyReader, under name: String, at index: Int? = nil) {
        let place = "/" + name.pointerEscaped + (index.map { "/\($0)" } ?? "")
        do throws(Refusal) { try reader.finish() } catch {
            faults += error.faults.map { FieldFault(place + $0.pointer, $0.code, $0.detail) }
        }
    }

    /// A member that the contract knows and this version can't keep: refused, never ignored.
    mutating func refuse(_ name: String, _ detail: String) {
        if value(name) != nil { fault(name, "not_supported", detail) }
    }

    /// Throws ``ErrorCode/validationFailed`` with every fault found, and one for each member nobody asked for.
    package func finish() throws(Refusal) {
        let unknown = members.keys.filter { !asked.contains($0) }.sorted().map { name in
            FieldFault("/" + String(name.prefix(100)).pointerEscaped, "unknown_field", "There is no such member here.")
        }
        if !(faults.isEmpty && unknown.isEmpty) { throw .invalid(faults + unknown) }
    }

    private mutating func isMissing(_ name: String) -> Bool {
        guard value(name) == nil else { return false }
        fault(name, "required", "\(name) is required.")
        return true
    }

    private mutating func plainString(_ name: String) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else {
            fault(name, "wrong_type", "\(name) must be a string, not \(value.kind).")
            return nil
        }
        guard !value.containsNUL else {
            fault(name, "invalid", "\(name) must not contain U+0000.")
            return nil
        }
        return text
    }

    private mutating func checkLength(_ text: String, _ name: String, _ bounds: ClosedRange<Int>) -> Bool {
        let count = text.unicodeScalars.count
        if count < bounds.lowerBound {
            fault(name, "too_short", "\(name) must have at least \(bounds.lowerBound) characters.")
        } else if count > bounds.upperBound {
            fault(name, "too_long", "\(name) must have at most \(bounds.upperBound) characters.")
        }
        return bounds.contains(count)
    }
}

extension String {
    /// As a reference token of a JSON Pointer (RFC 6901 §3).
    var pointerEscaped: String { replacing("~", with: "~0").replacing("/", with: "~1") }
}
