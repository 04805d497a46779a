/// `203.0.113.0/24`, `2001:db8::/32`, or one address.
struct AddressRange: Sendable, Equatable {
  private var bytes: [UInt8]
  private var length: Int

  init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first, let bytes = Self.version4(address) ?? Self.version6(address) else { return nil }
    self.bytes = bytes
    length = bytes.count * 8
    guard parts.count == 2 else { return }
    guard let given = Int(parts[1]), parts[1].utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), (0...length).contains(given)
    else { return nil }
    length = given
  }

  func contains(_ other: AddressRange) -> Bool {
    guard bytes.count == other.bytes.count, other.length >= length else { return false }
    for position in 0..<length where (bytes[position / 8] ^ other.bytes[position / 8]) & (0x80 >> (position % 8)) != 0 {
      return false
    }
    return true
  }

  private static func version4(_ text: Substring) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let bytes = parts.compactMap { part in part.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } ? UInt8(part) : nil }
    return parts.count == 4 && bytes.count == 4 ? bytes : nil
  }

  private static func version6(_ text: Substring) -> [UInt8]? {
    guard text.contains(":") else { return nil }
    guard let gap = text.range(of: "::") else {
      let bytes = groups(text)
      return bytes?.count == 16 ? bytes : nil
    }
    guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
      head.count + tail.count <= 14
    else { return nil }
    return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
  }

  private static func groups(_ text: Substring) -> [UInt8]? {
    guard !text.isEmpty else { return [] }
    var bytes: [UInt8] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (position, part) in parts.enumerated() {
      if position == parts.count - 1, let last = version4(part) { return bytes + last }
      guard (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16), part.first != "+", part.first != "-"
      else { return nil }
      bytes += [UInt8(group >> 8), UInt8(group & 255)]
    }
    return bytes
  }
}

extension Substring {
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
