import Governance

/// Documents as the ledger stores them: node after node in the document's own order, one byte for the kind and numbers
/// in as few bytes as they need. Half the size of JSON, and nothing is parsed to read it back.
///
///     null 0 · false 1 · true 2 · integer 3 zigzag-varint · real 4 eight bytes, little-endian
///     string 5 length bytes · array 6 count elements · object 7 count (string, value)…
struct CompactDocumentWriter {
  private(set) var bytes: [UInt8] = []

  mutating func beginArray(count: Int) { header(6, UInt64(count)) }
  mutating func beginObject(count: Int) { header(7, UInt64(count)) }
  mutating func null() { bytes.append(0) }

  mutating func integer(_ value: Int64) { header(3, UInt64(bitPattern: value << 1 ^ value >> 63)) }

  mutating func string(_ text: String) {
    header(5, UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func append(_ document: Document) {
    let storage = document.storage
    for index in document.index..<document.index + Int(document.node.span) {
      let node = storage.nodes[index]
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
        bytes.append(contentsOf: storage.heap[start..<start + length])
      case .array: beginArray(count: Int(node.value))
      case .object: beginObject(count: Int(node.value))
      }
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

struct CompactDocumentReader {
  private let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private struct Container {
    var remaining: Int
    var isObject: Bool
  }

  mutating func read() -> Document? {
    var builder = DocumentBuilder()
    var open: [Container] = []
    repeat {
      if let container = open.last {
        if container.remaining == 0 {
          builder.end()
          open.removeLast()
          continue
        }
        open[open.count - 1].remaining -= 1
        if container.isObject {
          guard byte() == 5, let name = text() else { return nil }
          builder.name(name)
        }
      }
      guard let kind = byte() else { return nil }
      switch kind {
      case 0: builder.null()
      case 1: builder.bool(false)
      case 2: builder.bool(true)
      case 3:
        guard let value = number() else { return nil }
        builder.integer(Int(Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)))
      case 4:
        guard let value = real() else { return nil }
        builder.real(value)
      case 5:
        guard let text = text() else { return nil }
        builder.string(text)
      case 6, 7:
        // No container holds more than there are bytes left: a broken count cannot ask for memory.
        guard let count = number(), count <= UInt64(bytes.count - position) else { return nil }
        if kind == 6 { builder.beginArray() } else { builder.beginObject() }
        open.append(Container(remaining: Int(count), isObject: kind == 7))
      default: return nil
      }
    } while !open.isEmpty
    return position == bytes.count ? builder.finish() : nil
  }

  private mutating func byte() -> UInt8? {
    guard position < bytes.count else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func number() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let next = byte() else { return nil }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
    }
    return nil
  }

  private mutating func real() -> Double? {
    var pattern: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      guard let next = byte() else { return nil }
      pattern |= UInt64(next) << shift
    }
    return Double(bitPattern: pattern)
  }

  private mutating func text() -> String? {
    guard let count = number(), count <= UInt64(bytes.count - position) else { return nil }
    let end = position + Int(count)
    defer { position = end }
    return String(validating: bytes[position..<end], as: UTF8.self)
  }
}
