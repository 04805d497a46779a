/// An element that was written once, with marks where others of its kind differ: the bytes between the marks are copied
/// for each of them, and the holes are filled.
///
/// Invariant: the pieces, with a hole behind each but the last, are the element.
package struct XMLTemplate: Sendable {
  private let bytes: [UInt8]
  /// Where each piece ends, and the number of the hole behind it.
  private let holes: [(end: Int, number: Int)]

  /// U+F8FF is for private use, and its bytes are never escaped.
  package static let delimiter = Array("\u{F8FF}".utf8)

  /// A text that stands for the hole of a number.
  package static func mark(_ number: Int) -> String { "\u{F8FF}\(number)\u{F8FF}" }

  /// nil when there is a delimiter that belongs to no mark.
  package init?(_ rendered: [UInt8]) {
    var bytes: [UInt8] = []
    var holes: [(end: Int, number: Int)] = []
    var rest = rendered[...]
    while let mark = Self.first(of: Self.delimiter, in: rest) {
      bytes += rest[..<mark.lowerBound]
      rest = rest[mark.upperBound...]
      guard let end = Self.first(of: Self.delimiter, in: rest),
        let number = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self))
      else { return nil }
      holes.append((bytes.count, number))
      rest = rest[end.upperBound...]
    }
    self.bytes = bytes + rest
    self.holes = holes
  }

  /// Cuts the list's element that holds the two marks out of `rendered`, and leaves the mark of `hole` in its place.
  package static func cutItem(
    around first: Int, _ last: Int, from rendered: inout [UInt8], leaving hole: Int
  ) -> XMLTemplate? {
    guard let begin = self.first(of: Array(mark(first).utf8), in: rendered[...]),
      let end = self.first(of: Array(mark(last).utf8), in: rendered[begin.upperBound...]),
      let stop = self.first(of: Array("</item>".utf8), in: rendered[end.upperBound...])?.upperBound
    else { return nil }
    var start = 0
    while let found = self.first(of: Array("<item>".utf8), in: rendered[start..<begin.lowerBound]) {
      start = found.upperBound
    }
    start -= "<item>".utf8.count
    guard start >= 0 else { return nil }
    let item = XMLTemplate(Array(rendered[start..<stop]))
    rendered.replaceSubrange(start..<stop, with: Array(mark(hole).utf8))
    return item
  }

  /// Where `pattern` stands first. The standard library's search costs a hundred times as much.
  package static func first(of pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Range<Int>? {
    var position = bytes.startIndex
    while let start = bytes[position...].firstIndex(of: pattern[0]) {
      if bytes[start...].starts(with: pattern) { return start..<(start + pattern.count) }
      position = start + 1
    }
    return nil
  }

  package func write(to xml: inout XMLWriter, fill: (_ hole: Int, inout XMLWriter) -> Void) {
    var start = 0
    unsafe bytes.withUnsafeBufferPointer { bytes in
      for hole in holes {
        xml.raw { unsafe $0.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<hole.end])) }
        fill(hole.number, &xml)
        start = hole.end
      }
      xml.raw { unsafe $0.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...])) }
    }
  }
}
