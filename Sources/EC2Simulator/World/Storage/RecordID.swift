import AWSWire

/// The id of an image, a snapshot or a volume in two words. A world holds millions of them; as texts each would be an
/// allocation of its own.
///
/// Invariants:
/// 1. An id of the form that AWS gives (`ami-0` and sixteen hexadecimal digits) is held as its number, any other as text:
///    equal texts are equal ids.
/// 2. The order is that of the texts.
package struct RecordID: Sendable {
  private final class Text: Sendable {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private enum Form {
    case image, snapshot, volume
    case other(Text)
  }

  private let number: UInt64
  private let form: Form

  package init(_ text: String) {
    if let number = Self.number(of: text, behind: "ami-0") {
      (self.number, form) = (number, .image)
    } else if let number = Self.number(of: text, behind: "snap-0") {
      (self.number, form) = (number, .snapshot)
    } else if let number = Self.number(of: text, behind: "vol-0") {
      (self.number, form) = (number, .volume)
    } else {
      (number, form) = (0, .other(Text(text)))
    }
  }

  private static func number(of text: String, behind prefix: StaticString) -> UInt64? {
    let length = prefix.utf8CodeUnitCount
    guard text.utf8.count == length + 16 else { return nil }
    var number: UInt64 = 0
    var position = 0
    for byte in text.utf8 {
      if position < length {
        guard unsafe byte == prefix.utf8Start[position] else { return nil }
      } else {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
        default: return nil
        }
      }
      position += 1
    }
    return number
  }

  private var prefix: StaticString {
    switch form {
    case .image: "ami-0"
    case .snapshot: "snap-0"
    case .volume: "vol-0"
    case .other: ""
    }
  }

  package var text: String {
    if case .other(let text) = form { return text.text }
    return unsafe String(unsafeUninitializedCapacity: prefix.utf8CodeUnitCount + 16) { unsafe put(to: $0) }
  }

  /// Hexadecimal digits and a prefix: nothing to escape.
  func write(to xml: inout XMLWriter) {
    if case .other(let text) = form { return xml.text(text.text) }
    xml.raw { bytes in
      unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: prefix.utf8CodeUnitCount + 16) { buffer in
        _ = unsafe put(to: buffer)
        unsafe bytes.append(contentsOf: buffer)
      }
    }
  }

  private func put(to bytes: UnsafeMutableBufferPointer<UInt8>) -> Int {
    let prefix = prefix
    let length = prefix.utf8CodeUnitCount
    for position in 0..<length { unsafe bytes[position] = prefix.utf8Start[position] }
    for position in 0..<16 {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * position)) & 15
      unsafe bytes[length + position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
    return length + 16
  }

  /// 0 for an id that is held as text.
  private var kind: Int {
    switch form {
    case .other: 0
    case .image: 1
    case .snapshot: 2
    case .volume: 3
    }
  }
}

extension RecordID: Hashable, Comparable {
  package static func == (left: RecordID, right: RecordID) -> Bool {
    if case .other(let one) = left.form, case .other(let other) = right.form { return one.text == other.text }
    return left.number == right.number && left.kind == right.kind
  }

  package static func < (left: RecordID, right: RecordID) -> Bool {
    let kind = left.kind
    return kind != 0 && kind == right.kind ? left.number < right.number : left.text < right.text
  }

  package func hash(into hasher: inout Hasher) {
    if case .other(let text) = form { hasher.combine(text.text) } else { hasher.combine(number) }
  }
}
