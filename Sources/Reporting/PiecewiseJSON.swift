import Governance

/// One JSON object over several lines, handed on in pieces: what stands in its lists is made, written and forgotten one
/// by one. The text is that of `Document.prettyJSON`.
struct PiecewiseJSON {
  private static let pieceSize = 1 << 16
  private static let indent = "  "

  private let sink: (String) -> Void
  private var bytes: [UInt8] = []
  private var isFirst = true

  init(sink: @escaping (String) -> Void) {
    self.sink = sink
    bytes.append(UInt8(ascii: "{"))
  }

  mutating func member(_ name: String, _ value: Document) {
    begin(name)
    value.write(to: &bytes, indent: Self.indent, depth: 1)
  }

  mutating func list<Element>(_ name: String, _ elements: [Element], _ document: (Element) -> Document) {
    begin(name)
    bytes.append(UInt8(ascii: "["))
    for (position, element) in elements.enumerated() {
      bytes.append(contentsOf: (position > 0 ? ",\n    " : "\n    ").utf8)
      document(element).write(to: &bytes, indent: Self.indent, depth: 2)
      if bytes.count >= Self.pieceSize { handOn() }
    }
    bytes.append(contentsOf: (elements.isEmpty ? "]" : "\n  ]").utf8)
  }

  mutating func end() {
    bytes.append(contentsOf: (isFirst ? "}\n" : "\n}\n").utf8)
    handOn()
  }

  private mutating func begin(_ name: String) {
    bytes.append(contentsOf: (isFirst ? "\n  " : ",\n  ").utf8)
    isFirst = false
    JSONText.quote(name.utf8, to: &bytes)
    bytes.append(contentsOf: ": ".utf8)
  }

  private mutating func handOn() {
    sink(String(decoding: bytes, as: UTF8.self))
    bytes.removeAll(keepingCapacity: true)
  }
}
