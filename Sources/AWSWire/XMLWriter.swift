package import Governance

/// Writes the XML of responses. libxml2 is its oracle in the tests; its own writer would cost a call per element.
package struct XMLWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func reserve(_ more: Int) { bytes.reserveCapacity(bytes.count + more) }

  /// What is XML already.
  package mutating func raw(_ body: (inout [UInt8]) -> Void) { body(&bytes) }

  /// One element of a list, with the element around it.
  package mutating func item(_ value: Document, of list: Shape) {
    bytes.append(contentsOf: list.elementOpeningTag)
    content(value, list.element)
    bytes.append(contentsOf: list.elementClosingTag)
  }

  mutating func declaration() { bytes.append(contentsOf: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8) }

  package mutating func open(_ name: String, namespace: String = "") {
    bytes.append(UInt8(ascii: "<"))
    bytes.append(contentsOf: name.utf8)
    if !namespace.isEmpty {
      bytes.append(contentsOf: " xmlns=\"".utf8)
      bytes.append(contentsOf: namespace.utf8)
      bytes.append(UInt8(ascii: "\""))
    }
    bytes.append(UInt8(ascii: ">"))
  }

  package mutating func close(_ name: String) {
    bytes.append(contentsOf: "</".utf8)
    bytes.append(contentsOf: name.utf8)
    bytes.append(UInt8(ascii: ">"))
  }

  package mutating func element(_ name: String, _ text: String) {
    open(name)
    self.text(text)
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
      let name = Document(storage: value.storage, index: child)
      let item = Document(storage: value.storage, index: child + 1)
      child += 1 + Int(item.node.span)
      guard !item.isNull, let position = shape.position(hint: hint, where: { name.isText(members[$0].nameBytes) })
      else { continue }
      hint = position + 1
      bytes.append(contentsOf: members[position].openingTag)
      content(item, members[position].shape)
      bytes.append(contentsOf: members[position].closingTag)
    }
  }

  /// A value without the element around it.
  private mutating func content(_ value: Document, _ shape: Shape) {
    switch shape.kind {
    case .structure: members(value, shape)
    case .list: for element in value.elements { item(element, of: shape) }
    case .map:
      for entry in value.entries {
        open("entry")
        element("key", entry.name)
        open("value")
        content(entry.value, shape.element)
        close("value")
        close("entry")
      }
    default: if value.kind == .string { escape(value.utf8) } else { bytes.append(contentsOf: value.json.utf8) }
    }
  }

  package mutating func text(_ text: String) {
    var text = text
    text.withUTF8 { unsafe escape($0) }
  }

  private mutating func escape(_ text: ArraySlice<UInt8>) { unsafe text.withUnsafeBufferPointer { unsafe escape($0) } }

  /// Characters that XML 1.0 cannot carry become U+FFFD.
  private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
    // Most texts have nothing to escape, and go as they are: told for many bytes at a time.
    var isPlain = true
    for position in text.indices {
      let byte = unsafe text[position]
      let isSpecial =
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "&") || byte == UInt8(ascii: "<")
        || byte == UInt8(ascii: ">") || byte == 0xEF
      if isSpecial { isPlain = false }
    }
    if isPlain {
      unsafe bytes.append(contentsOf: text)
      return
    }
    var start = 0
    var position = 0
    while position < text.count {
      guard let (replacement, length) = unsafe Self.replacement(at: position, in: text) else {
        position += 1
        continue
      }
      unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<position]))
      bytes.append(contentsOf: replacement.utf8)
      position += length
      start = position
    }
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
  }

  /// What stands for so many bytes; nil: the byte stays as it is.
  @inline(__always)
  private static func replacement(at position: Int, in text: UnsafeBufferPointer<UInt8>) -> (String, length: Int)? {
    switch unsafe text[position] {
    case UInt8(ascii: "&"): ("&amp;", 1)
    case UInt8(ascii: "<"): ("&lt;", 1)
    case UInt8(ascii: ">"): ("&gt;", 1)
    case UInt8(ascii: "\""): ("&quot;", 1)
    case UInt8(ascii: "\r"): ("&#13;", 1)
    case UInt8(ascii: "\n"), UInt8(ascii: "\t"): nil
    case 0..<0x20: ("\u{FFFD}", 1)
    // U+FFFE and U+FFFF.
    case 0xEF:
      unsafe position + 2 < text.count && text[position + 1] == 0xBF && text[position + 2] >= 0xBE
        ? ("\u{FFFD}", 3) : nil
    default: nil
    }
  }
}

extension Document {
  /// Is it the text of these bytes?
  fileprivate func isText(_ bytes: [UInt8]) -> Bool {
    let node = node
    guard node.kind == Kind.string.rawValue, Int(node.value & 0xFFFF_FFFF) == bytes.count else { return false }
    let start = Int(node.value >> 32)
    for (offset, byte) in bytes.enumerated() where storage.heap[start + offset] != byte { return false }
    return true
  }
}
