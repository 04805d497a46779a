package import Governance

/// Puts other values behind keys of a text that a person wrote, and leaves everything else as it stands.
package struct YAMLEdit {
  /// The text of one entry's value.
  private struct Entry {
    /// Right behind the key.
    var key: SourceValue.Location
    var start: SourceValue.Location
    var end: SourceValue.Location
    /// It stands in brackets.
    var isInFlow: Bool
    var column: Int
    /// Its value, or each element of its value, is in brackets.
    var isFlow = false
    var hasFlowElements = false
  }

  private let file: String
  private var lines: [[Unicode.Scalar]]
  private let bytes: [UInt8]

  package init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
    lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map {
      Array($0.unicodeScalars)
    }
  }

  package var text: String {
    var text = String.UnicodeScalarView()
    for (number, line) in lines.enumerated() {
      if number > 0 { text.append("\n") }
      text.append(contentsOf: line)
    }
    return String(text)
  }

  /// Replaces the values of the entries whose keys stand at these places, last first, so that places stay true.
  package mutating func replace(_ values: [(key: SourceValue.Location, value: Document)]) throws(SourceProblems) {
    let places = values.sorted { ($0.key.line, $0.key.column) > ($1.key.line, $1.key.column) }
    for (key, value) in places {
      guard let entry = try entry(at: key) else {
        throw SourceProblems([SourceProblem(location: key, message: "no key stands here any more")])
      }
      replace(entry, with: value)
    }
  }

  private mutating func replace(_ entry: Entry, with value: Document) {
    let written = text(of: value, for: entry)
    let head = lines[entry.key.line - 1].prefix(entry.key.column - 1)
    let last = trimmed(entry)
    let tail = lines[last.line - 1].dropFirst(last.column - 1)
    let text = Array(head) + Array((":" + written).unicodeScalars) + Array(tail)
    lines.replaceSubrange(
      entry.key.line - 1..<last.line,
      with: text.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init))
  }

  /// What follows a block, blank lines and comments among it, is not the block's.
  private func trimmed(_ entry: Entry) -> SourceValue.Location {
    var end = entry.end
    while end.line > entry.start.line {
      let line = lines[min(end.line, lines.count) - 1].prefix(end.column - 1)
      let first = line.first { $0 != " " }
      guard end.line > lines.count || first == nil || first == "#" else { return end }
      end.line -= 1
      end.column = lines[end.line - 1].count + 1
    }
    return end
  }

  /// As the author wrote what stood there: in brackets, as a block, or as a block of brackets.
  private func text(of value: Document, for entry: Entry) -> String {
    let flow = YAMLFlowWriter(spacesBraces: spacesBraces)
    let line = " " + flow.write(value)
    let isShort = entry.key.column + line.unicodeScalars.count <= Self.width
    if entry.isInFlow || value.count == 0 || (entry.isFlow && isShort) { return line }
    let indent = entry.column - 1
    let margin = String(repeating: " ", count: value.kind == .array ? indent : indent + 2)
    let lines =
      value.kind == .array && (entry.hasFlowElements || entry.isFlow)
      ? value.elements.map { "- " + flow.write($0) }
      : YAML.write(value).split(separator: "\n").map(String.init)
    return "\n" + lines.map { margin + $0 }.joined(separator: "\n")
  }

  /// What a line may hold before brackets become a block.
  private static let width = 120

  /// The text's own habit, of its first brace with something in it.
  private var spacesBraces: Bool {
    for line in lines where line.first(where: { $0 != " " }) != "#" {
      guard let brace = line.firstIndex(of: "{"), brace + 1 < line.count, line[brace + 1] != "}" else { continue }
      return line[brace + 1] == " "
    }
    return true
  }

  // MARK: Places

  private func entry(at key: SourceValue.Location) throws(SourceProblems) -> Entry? {
    let events = YAMLEventReader(bytes, file: file)
    // Open collections: is it a mapping, is it in brackets, is a key next?
    var open: [(isMapping: Bool, isFlow: Bool, isKeyNext: Bool)] = []
    var found: (entry: Entry, depth: Int)?
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamEnd: return nil
      case .streamStart, .documentStart, .documentEnd: continue
      case .mappingStart, .sequenceStart:
        begin(event, &found)
        if let depth = found?.depth, open.count == depth + 1 { found?.entry.hasFlowElements = event.isFlow }
        let isMapping = if case .mappingStart = event.kind { true } else { false }
        open.append((isMapping, event.isFlow, true))
        continue
      case .mappingEnd, .sequenceEnd: open.removeLast()
      case .scalar, .alias:
        if let last = open.last, last.isMapping, last.isKeyNext {
          open[open.count - 1].isKeyNext = false
          if (event.location.line, event.location.column) == (key.line, key.column) {
            let entry = Entry(
              key: event.end, start: event.end, end: event.end, isInFlow: last.isFlow, column: key.column)
            found = (entry, open.count)
          }
          continue
        }
        begin(event, &found)
      }
      if let found, open.count == found.depth {
        var entry = found.entry
        entry.end = event.end
        return entry
      }
      if let last = open.last, last.isMapping { open[open.count - 1].isKeyNext = true }
    }
  }

  private func begin(_ event: YAMLEvent, _ found: inout (entry: Entry, depth: Int)?) {
    guard let entry = found?.entry, entry.start == entry.key else { return }
    found?.entry.start = event.location
    found?.entry.isFlow = event.isFlow
  }
}
