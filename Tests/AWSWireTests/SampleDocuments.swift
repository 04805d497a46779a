import Governance

@testable import AWSWire

/// Documents that a shape allows, from a seed: the same seed gives the same documents.
struct SampleDocuments {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func number(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }

  /// nil where nothing fits: a structure without members, or too deep. Nothing is empty, since a form cannot say that.
  mutating func document(_ shape: Shape, depth: Int = 0) -> Document? {
    switch shape.kind {
    case .structure: return structure(shape, depth: depth)
    case .list:
      guard depth < 6 else { return nil }
      let elements = (0...number(below: 2)).compactMap { _ in document(shape.element, depth: depth + 1) }
      return elements.isEmpty ? nil : Document(elements)
    case .map: return nil
    case .string: return Document(text())
    case .blob: return "aGVsbG8="
    case .timestamp:
      let time = Timestamp(nanoseconds: Int64(number(below: 2_000_000_000)) * 1_000_000_000)
      let fraction = number(below: 3) == 0 ? number(below: 1_000) : 0
      return Document(fraction == 0 ? time.iso8601 : (time + .milliseconds(fraction)).iso8601Milliseconds)
    case .integer: return Document(number(below: 1 << 31) - (1 << 30))
    case .long: return Document((number(below: 1 << 31) << 31) - number(below: 1 << 31))
    case .boolean: return Document(number(below: 2) == 0)
    case .float, .double: return Document(floatLiteral: Double(number(below: 1 << 20)) / 64)
    }
  }

  private mutating func structure(_ shape: Shape, depth: Int) -> Document? {
    guard depth < 8 else { return nil }
    let chosen = shape.members.isEmpty ? 0 : number(below: shape.members.count)
    var entries: [(name: String, value: Document?)] = []
    for (position, member) in shape.members.enumerated()
    where member.isRequired || position == chosen || number(below: 3) == 0 {
      entries.append((member.name, document(member.shape, depth: depth + 1)))
    }
    return entries.contains { $0.value != nil } ? Document(entries: entries) : nil
  }

  private mutating func text() -> String {
    let parts = [
      "a", "Z", "0", " ", "&", "<", ">", "\"", "'", "+", "%", "%41", "=", ".", "/", "]]>", "&amp;", "\n", "\t", "\r",
      "\r\n", "\u{7F}", "\u{85}", "\u{2028}", "é", "e\u{301}", "日", "\u{FFFD}", "\u{1F600}", "\\", "true", "1",
    ]
    return (0...number(below: 6)).map { _ in parts[number(below: parts.count)] }.joined()
  }
}
