import Governance

/// Writes the XML of responses. libxml2 is its oracle in the tests; its own writer would cost a call per element.
struct XMLWriter {
  private(set) var bytes: [UInt8] = []

  mutating func declaration() { bytes.append(contentsOf: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8) }

  mutating func open(_ name: String, namespace: String = "") {
    bytes.append(UInt8(ascii: "<"))
    bytes.append(contentsOf: name.utf8)
    if !namespace.isEmpty {
      bytes.append(contentsOf: " xmlns=\"".utf8)
      bytes.append(contentsOf: namespace.utf8)
      bytes.append(UInt8(ascii: "\""))
    }
    bytes.append(UInt8(ascii: ">"))
  }

  mutating func close(_ name: String) {
    bytes.append(contentsOf: "</".utf8)
    bytes.append(contentsOf: name.utf8)
    bytes.append(UInt8(ascii: ">"))
  }

  mutating func element(_ name: String, _ text: String) {
    open(name)
    escape(text.utf8)
    close(name)
  }

  /// A structure's members, without an element around them.
  mutating func members(_ value: Document, _ shape: Shape) {
    guard value.kind == .object else { return }
    let members = shape.members
    var hint = 0
    // By position and in bytes: a text for each name of each answer would cost more than writing it.
    var child = value.index + 1
    for _ in 0..<value.count {
      let name = Document(storage: value.storage, index: child).utf8
      let item = Document(storage: value.storage, index: child + 1)
      child += 1 + Int(item.node.span)
      guard !item.isNull,
        let position = shape.position(hint: hint, where: { members[$0].name.utf8.elementsEqual(name) })
      else { continue }
      hint = position + 1
      write(item, members[position].shape, name: members[position].responseName)
    }
  }

  private mutating func write(_ value: Document, _ shape: Shape, name: String) {
    switch shape.kind {
    case .structure:
      open(name)
      members(value, shape)
      close(name)
    case .list:
      let element = shape.element
      open(name)
      for item in value.elements { write(item, element, name: shape.elementName) }
      close(name)
    case .map:
      open(name)
      for entry in value.entries {
        open("entry")
        element("key", entry.name)
        write(entry.value, shape.element, name: "value")
        close("entry")
      }
      close(name)
    default:
      open(name)
      if value.kind == .string { escape(value.utf8) } else { bytes.append(contentsOf: value.json.utf8) }
      close(name)
    }
  }

  /// Characters that XML 1.0 cannot carry become U+FFFD.
  private mutating func escape(_ text: some Sequence<UInt8>) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
      case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
      case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
      case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
      case UInt8(ascii: "\r"): bytes.append(contentsOf: "&#13;".utf8)
      case 0..<0x20 where byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\t"):
        bytes.append(contentsOf: "\u{FFFD}".utf8)
      // U+FFFE and U+FFFF are EF BF BE and EF BF BF, U+FFFD is EF BF BD.
      case 0xBE...0xBF where bytes.count > 1 && bytes[bytes.count - 2] == 0xEF && bytes[bytes.count - 1] == 0xBF:
        bytes.append(0xBD)
      default: bytes.append(byte)
      }
    }
  }
}
