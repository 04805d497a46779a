import Governance

/// JSON 1.1 carries values as they are; only timestamps differ: epoch seconds on the wire, ISO 8601 in documents.
enum JSONShape {
  static func toWire(_ value: Document, _ shape: Shape) -> Document {
    switch shape.kind {
    case .structure:
      return Document(
        entries: value.entries.compactMap { entry in
          guard let member = shape.member(named: entry.name), !entry.value.isNull else { return nil }
          return (member.requestName, toWire(entry.value, member.shape))
        })
    case .list: return Document(value.elements.map { toWire($0, shape.element) })
    case .map: return Document(entries: value.entries.map { ($0.name, toWire($0.value, shape.element)) })
    case .timestamp:
      guard let time = value.string.flatMap({ Timestamp(iso8601: $0) }) else { return value }
      return time.nanoseconds % 1_000_000_000 == 0
        ? Document(Int(time.seconds)) : Document(floatLiteral: Double(time.nanoseconds / 1_000_000) / 1_000)
    default: return value
    }
  }

  /// Members that the shape does not name, each with its path.
  static func unknown(in value: Document, _ shape: Shape, path: String = "") -> [String] {
    func place(_ step: String) -> String { path.isEmpty ? step : "\(path).\(step)" }
    switch shape.kind {
    case .structure:
      return value.entries.flatMap { entry in
        guard let member = shape.members.first(where: { $0.responseName == entry.name }) else {
          return [place(entry.name)]
        }
        return unknown(in: entry.value, member.shape, path: place(entry.name))
      }
    case .list:
      return value.elements.enumerated().flatMap { unknown(in: $1, shape.element, path: place(String($0))) }
    default: return []
    }
  }

  /// Members that the shape does not name are left out: AWS adds them over time.
  static func fromWire(_ value: Document, _ shape: Shape, path: String = "") throws(DocumentError) -> Document {
    func mismatch(_ expected: String) -> DocumentError {
      DocumentError(reason: "\(path.isEmpty ? "the body" : path): expected \(expected), found \(value.kind)")
    }
    func place(_ step: String) -> String { path.isEmpty ? step : "\(path).\(step)" }
    if value.isNull { return value }
    switch shape.kind {
    case .structure:
      guard value.kind == .object else { throw mismatch("an object") }
      var builder = DocumentBuilder()
      builder.beginObject()
      for entry in value.entries {
        guard let member = shape.members.first(where: { $0.responseName == entry.name }), !entry.value.isNull else {
          continue
        }
        builder.entry(member.name, try fromWire(entry.value, member.shape, path: place(entry.name)))
      }
      builder.end()
      return builder.finish()
    case .list:
      guard value.kind == .array else { throw mismatch("a list") }
      var elements: [Document] = []
      for (position, element) in value.elements.enumerated() {
        elements.append(try fromWire(element, shape.element, path: place(String(position))))
      }
      return Document(elements)
    case .map:
      guard value.kind == .object else { throw mismatch("an object") }
      var entries: [(name: String, value: Document?)] = []
      for entry in value.entries {
        entries.append((entry.name, try fromWire(entry.value, shape.element, path: place(entry.name))))
      }
      return Document(entries: entries)
    case .timestamp:
      if value.kind == .string { return value }
      guard let seconds = value.real, abs(seconds) < 9e9 else { throw mismatch("epoch seconds") }
      let time = Timestamp(nanoseconds: Int64(seconds * 1_000 + (seconds < 0 ? -0.5 : 0.5)) * 1_000_000)
      return Document(time.nanoseconds % 1_000_000_000 == 0 ? time.iso8601 : time.iso8601Milliseconds)
    case .integer, .long:
      guard value.kind == .integer else { throw mismatch("an integer") }
      return value
    case .boolean:
      guard value.kind == .boolean else { throw mismatch("true or false") }
      return value
    case .float, .double:
      guard value.real != nil else { throw mismatch("a number") }
      return value
    case .string, .blob:
      guard value.kind == .string else { throw mismatch("text") }
      return value
    }
  }
}
