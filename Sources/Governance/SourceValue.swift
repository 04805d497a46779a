/// A value of a file a person wrote, with the place it stands at. Configuration, worlds and scenarios are read from it.
package struct SourceValue: Sendable {
  package struct Location: Hashable, Sendable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
      self.file = file
      self.line = line
      self.column = column
    }
    package var description: String { "\(file):\(line):\(column)" }
  }

  package enum Content: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case real(Double)
    case string(String)
    case sequence([SourceValue])
    case mapping([(name: SourceValue, value: SourceValue)])
  }

  package var content: Content
  package var location: Location
  /// A scalar as it was written, so that an account id such as 012345678901 keeps its leading zero. Empty otherwise.
  package var text: String

  package init(content: Content, location: Location, text: String = "") {
    self.content = content
    self.location = location
    self.text = text
  }

  package var kindName: String {
    switch content {
    case .null: "nothing"
    case .bool: "a boolean"
    case .integer: "an integer"
    case .real: "a number"
    case .string: "text"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  package subscript(name: String) -> SourceValue? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.name.text == name }?.value
  }

  /// The same value without places.
  package var document: Document {
    switch content {
    case .null: .null
    case .bool(let value): Document(value)
    case .integer(let value): Document(value)
    case .real(let value): Document(floatLiteral: value)
    case .string(let value): Document(value)
    case .sequence(let elements): Document(elements.map(\.document))
    case .mapping(let entries): Document(entries: entries.map { ($0.name.text, $0.value.document) })
    }
  }
}

/// One thing wrong in a file a person wrote.
package struct SourceProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package var location: SourceValue.Location
  /// What is wrong and what was expected.
  package var message: String

  package init(location: SourceValue.Location, message: String) {
    self.location = location
    self.message = message
  }
  package var description: String { "\(location): \(message)" }
}

/// All that is wrong in a file at once.
package struct SourceProblems: Error, Sendable, CustomStringConvertible {
  package var problems: [SourceProblem]

  package init(_ problems: [SourceProblem]) { self.problems = problems }
  package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Reads mappings member by member and collects every problem instead of stopping at the first.
///
///     let reader = SourceReader()
///     let fields = reader.fields(of: value, known: ["name", "regions"])
///     let name = reader.text(fields["name"]) ?? ""
///     try reader.finish()
package final class SourceReader {
  package private(set) var problems: [SourceProblem] = []

  package init() {}

  package func problem(_ location: SourceValue.Location, _ message: String) {
    problems.append(SourceProblem(location: location, message: message))
  }

  /// Throws everything that was found, in the order of the file.
  package func finish() throws(SourceProblems) {
    guard problems.isEmpty else {
      throw SourceProblems(
        problems.sorted { ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column) })
    }
  }

  /// The members of a mapping by name. Unknown and repeated names are problems, with the nearest known word.
  package func fields(of value: SourceValue, known: [String]) -> [String: SourceValue] {
    var fields: [String: SourceValue] = [:]
    for (name, member) in entries(of: value) {
      if fields[name.text] != nil {
        problem(name.location, "\"\(name.text)\" is given twice")
      } else if !known.contains(name.text) {
        problem(name.location, "unknown key \"\(name.text)\"; \(Self.suggestion(for: name.text, among: known))")
      } else {
        fields[name.text] = member
      }
    }
    return fields
  }

  package func entries(of value: SourceValue) -> [(name: SourceValue, value: SourceValue)] {
    switch value.content {
    case .mapping(let entries): return entries
    case .null: return []
    default:
      expected("a mapping", value)
      return []
    }
  }

  package func elements(_ value: SourceValue?) -> [SourceValue] {
    guard let value else { return [] }
    switch value.content {
    case .sequence(let elements): return elements
    case .null: return []
    default:
      expected("a list", value)
      return []
    }
  }

  /// Any scalar, as it was written.
  package func text(_ value: SourceValue?) -> String? {
    guard let value else { return nil }
    switch value.content {
    case .string(let text): return text
    case .integer, .real, .bool: return value.text
    default:
      expected("text", value)
      return nil
    }
  }

  package func texts(_ value: SourceValue?) -> [String] { elements(value).compactMap { text($0) } }

  package func integer(_ value: SourceValue?, in range: ClosedRange<Int> = 0...Int.max) -> Int? {
    guard let value else { return nil }
    guard case .integer(let number) = value.content else {
      expected("an integer", value)
      return nil
    }
    guard range.contains(number) else {
      problem(value.location, "\(number) is out of range; expected \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }

  package func real(_ value: SourceValue?, in range: ClosedRange<Double>) -> Double? {
    guard let value else { return nil }
    let number: Double
    switch value.content {
    case .real(let real): number = real
    case .integer(let integer): number = Double(integer)
    default:
      expected("a number", value)
      return nil
    }
    guard range.contains(number) else {
      problem(value.location, "\(value.text) is out of range; expected \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }

  package func bool(_ value: SourceValue?) -> Bool? {
    guard let value else { return nil }
    guard case .bool(let flag) = value.content else {
      expected("true or false", value)
      return nil
    }
    return flag
  }

  package func duration(_ value: SourceValue?) -> Duration? {
    guard let value, let text = text(value) else { return nil }
    guard let duration = Duration(text: text) else {
      problem(value.location, "\"\(text)\" is no duration; expected for example 90s, 15m, 36h or 7d")
      return nil
    }
    return duration
  }

  package func choice(_ value: SourceValue?, among words: [String]) -> String? {
    guard let value, let text = text(value) else { return nil }
    guard words.contains(text) else {
      problem(value.location, "\"\(text)\" is not known here; \(Self.suggestion(for: text, among: words))")
      return nil
    }
    return text
  }

  package func accountID(_ value: SourceValue?) -> String? {
    guard let value, let text = text(value) else { return nil }
    guard Account.isID(text) else {
      problem(value.location, "\"\(text)\" is no account id; expected twelve digits (quote one that begins with 0)")
      return nil
    }
    return text
  }

  private func expected(_ what: String, _ value: SourceValue) {
    problem(value.location, "expected \(what), found \(value.kindName)")
  }

  /// `did you mean "regions"?`, or all the words when none is near.
  package static func suggestion(for word: String, among words: [String]) -> String {
    if let nearest = nearest(to: word, among: words) { return "did you mean \"\(nearest)\"?" }
    return "expected one of \(words.sorted().joined(separator: ", "))"
  }

  /// The word that was most likely meant; nil when none is near.
  package static func nearest(to word: String, among words: [String]) -> String? {
    let nearest = words.map { (word: $0, distance: editDistance(word, $0)) }.min { $0.distance < $1.distance }
    guard let nearest, nearest.distance <= max(1, min(word.count, nearest.word.count) / 3 + 1) else { return nil }
    return nearest.word
  }

  static func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.lowercased())
    let right = Array(right.lowercased())
    var previous = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      for column in 0..<right.count {
        let change = previous[column] + (left[row] == right[column] ? 0 : 1)
        current.append(min(change, previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[right.count]
  }
}
