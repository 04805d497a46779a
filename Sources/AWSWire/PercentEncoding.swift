/// RFC 3986 as AWS signs it: everything but unreserved characters is encoded, hexadecimal digits in capitals.
package enum PercentEncoding {
  private static let hexadecimal = Array("0123456789ABCDEF".utf8)

  package static func encode(_ text: String, keeping kept: String = "") -> String {
    var out: [UInt8] = []
    append(text, to: &out, keeping: kept)
    return String(decoding: out, as: UTF8.self)
  }

  static func append(_ text: String, to out: inout [UInt8], keeping kept: String = "") {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        out.append(byte)
      case _ where kept.utf8.contains(byte): out.append(byte)
      default:
        out.append(UInt8(ascii: "%"))
        out.append(hexadecimal[Int(byte >> 4)])
        out.append(hexadecimal[Int(byte & 15)])
      }
    }
  }

  /// nil when it is not UTF-8, or a percent sign is not followed by two digits.
  static func decode(_ bytes: some Sequence<UInt8>, plusIsBlank: Bool) -> String? {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.underestimatedCount)
    var iterator = bytes.makeIterator()
    while let byte = iterator.next() {
      switch byte {
      case UInt8(ascii: "+") where plusIsBlank: out.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else { return nil }
        out.append(high << 4 | low)
      default: out.append(byte)
      }
    }
    return String(validating: out, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// The fields of a form or a query, decoded, in their order. nil when one cannot be decoded.
  package static func fields(_ bytes: some Sequence<UInt8>) -> [(name: String, value: String)]? {
    let bytes = Array(bytes)
    var fields: [(name: String, value: String)] = []
    guard !bytes.isEmpty else { return fields }
    fields.reserveCapacity(8)
    let areWhole = unsafe bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      while start < bytes.count {
        var end = start
        var equals = -1
        while end < bytes.count, unsafe bytes[end] != UInt8(ascii: "&") {
          if equals < 0, unsafe bytes[end] == UInt8(ascii: "=") { equals = end }
          end += 1
        }
        defer { start = end + 1 }
        guard end > start else { continue }
        if equals < 0 { equals = end }
        guard let name = unsafe text(UnsafeBufferPointer(rebasing: bytes[start..<equals])),
          let value = unsafe text(UnsafeBufferPointer(rebasing: bytes[min(equals + 1, end)..<end]))
        else { return false }
        fields.append((name, value))
      }
      return true
    }
    return areWhole ? fields : nil
  }

  /// Most have nothing to decode.
  private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    unsafe bytes.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }
      ? decode(bytes, plusIsBlank: true) : String(validating: bytes, as: UTF8.self)
  }
}
