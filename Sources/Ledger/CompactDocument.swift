import Governance

/// Documents as the ledger stores them: node after node in the document's own order, one byte for the kind and numbers
/// in as few bytes as they need. Half the size of JSON, and nothing is parsed to read it back.
///
///     null 0 · false 1 · true 2 · integer 3 zigzag-varint · real 4 eight bytes, little-endian
///     string 5 length bytes · array 6 count elements · object 7 count (string, value)…
struct CompactDocumentWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

  mutating func beginArray(count: Int) { header(6, UInt64(count)) }
  mutating func beginObject(count: Int) { header(7, UInt64(count)) }
  mutating func null() { bytes.append(0) }

  mutating func integer(_ value: Int64) { header(3, UInt64(bitPattern: value << 1 ^ value >> 63)) }

  mutating func string(_ text: String) {
    header(5, UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func append(_ document: Document) {
    let nodes = document.storage.nodes
    unsafe document.storage.heap.withUnsafeBufferPointer { heap in
      for index in document.index..<document.index + Int(document.node.span) { unsafe append(nodes[index], heap) }
    }
  }

  private mutating func append(_ node: Document.Node, _ heap: UnsafeBufferPointer<UInt8>) {
    switch Document.Kind(rawValue: node.kind) ?? .null {
    case .null: null()
    case .boolean: bytes.append(node.value == 0 ? 1 : 2)
    case .integer: integer(Int64(bitPattern: node.value))
    case .real:
      bytes.append(4)
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: node.value >> shift))
      }
    case .string:
      let start = Int(node.value >> 32)
      let length = Int(node.value & 0xFFFF_FFFF)
      header(5, UInt64(length))
      unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: heap[start..<start + length]))
    case .array: beginArray(count: Int(node.value))
    case .object: beginObject(count: Int(node.value))
    }
  }

  private mutating func header(_ kind: UInt8, _ value: UInt64) {
    bytes.append(kind)
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

extension Document {
  /// As the ledger stores it.
  var compactBytes: [UInt8] {
    var writer = CompactDocumentWriter()
    writer.append(self)
    return writer.bytes
  }

  /// nil for bytes that are no stored document.
  init?(compactBytes: [UInt8]) {
    var reader = CompactDocumentReader(bytes: compactBytes)
    guard let document = reader.read() else { return nil }
    self = document
  }
}

/// Reads a stored document. Its bytes become the heap of the document that is read: no string is copied.
struct CompactDocumentReader {
  private let bytes: [UInt8]
  private var position = 0
  private var nodes: [Document.Node] = []

  init(bytes: [UInt8]) {
    self.bytes = bytes
    nodes.reserveCapacity(bytes.count / 8 + 1)
  }

  private struct Container {
    var node: Int
    var remaining: Int
    var isObject: Bool
  }

  mutating func read() -> Document? {
    var open: [Container] = []
    repeat {
      if let container = open.last {
        if container.remaining == 0 {
          nodes[container.node].span = UInt32(nodes.count - container.node)
          open.removeLast()
          continue
        }
        open[open.count - 1].remaining -= 1
        if container.isObject {
          guard byte() == 5, text() else { return nil }
        }
      }
      guard let kind = byte() else { return nil }
      switch kind {
      case 0: nodes.append(.init(kind: .null))
      case 1: nodes.append(.init(kind: .boolean, value: 0))
      case 2: nodes.append(.init(kind: .boolean, value: 1))
      case 3:
        guard let value = number() else { return nil }
        nodes.append(
          .init(
            kind: .integer, value: UInt64(bitPattern: Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1))))
      case 4:
        guard let pattern = real() else { return nil }
        nodes.append(.init(kind: .real, value: pattern))
      case 5:
        guard text() else { return nil }
      case 6, 7:
        // No container holds more than there are bytes left: a broken count cannot ask for memory.
        guard let count = number(), count <= UInt64(bytes.count - position) else { return nil }
        open.append(Container(node: nodes.count, remaining: Int(count), isObject: kind == 7))
        nodes.append(.init(kind: kind == 6 ? .array : .object, value: count))
      default: return nil
      }
    } while !open.isEmpty
    return position == bytes.count ? Document(storage: .init(nodes: nodes, heap: bytes)) : nil
  }

  private mutating func byte() -> UInt8? {
    guard position < bytes.count else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func number() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 70 {
      guard let next = byte() else { return nil }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
      shift += 7
    }
    return nil
  }

  private mutating func real() -> UInt64? {
    var pattern: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      guard let next = byte() else { return nil }
      pattern |= UInt64(next) << shift
    }
    return pattern
  }

  /// ASCII all through is the usual case.
  private func isUTF8(_ range: Range<Int>) -> Bool {
    var all: UInt8 = 0
    unsafe bytes.withUnsafeBufferPointer { bytes in for index in range { unsafe all |= bytes[index] } }
    return all < 0x80 || String(validating: bytes[range], as: UTF8.self) != nil
  }

  /// Takes a string; false when it is broken.
  private mutating func text() -> Bool {
    guard let count = number(), count <= UInt64(bytes.count - position) else { return false }
    let end = position + Int(count)
    defer { position = end }
    guard isUTF8(position..<end) else { return false }
    nodes.append(.init(kind: .string, value: UInt64(position) << 32 | count))
    return true
  }
}
