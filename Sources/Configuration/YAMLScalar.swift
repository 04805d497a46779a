import Governance

/// What a scalar without quotes means: the core schema of YAML 1.2, with integers that begin with a zero left as text.
enum YAMLScalar {
  static func resolve(plain text: String) -> SourceValue.Content {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .real(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .real(-.infinity)
    case ".nan", ".NaN", ".NAN": return .real(.nan)
    default: return number(text) ?? .string(text)
    }
  }

  /// Must this text be quoted to stay text? For Reeve's own reading, and for readers of YAML 1.1 (`yes`, `0123`,
  /// `1_000`, `12:30:45`, `2026-11-23`) that may see the file too.
  static func needsQuotes(_ text: String) -> Bool {
    if case .string = resolve(plain: text) {
      return readsOtherwiseInYAML11(text)
    }
    return true
  }

  private static func readsOtherwiseInYAML11(_ text: String) -> Bool {
    let words: Set<String> = ["y", "n", "yes", "no", "on", "off", "<<", "="]
    if words.contains(text.lowercased()) { return true }
    guard let first = text.utf8.first, isDigit(first) || [UInt8(ascii: "-"), UInt8(ascii: "+")].contains(first) else {
      return false
    }
    return text.utf8.dropFirst().allSatisfy { isDigit($0) || "_:.-+eExXobTtZzabcdfABCDF ".utf8.contains($0) }
  }

  private static func number(_ text: String) -> SourceValue.Content? {
    let bytes = Array(text.utf8)
    if bytes.starts(with: "0o".utf8) { return whole(text.dropFirst(2), radix: 8) }
    if bytes.starts(with: "0x".utf8) { return whole(text.dropFirst(2), radix: 16) }
    var rest = bytes[...]
    if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let integral = rest.prefix(while: isDigit)
    rest = rest.dropFirst(integral.count)
    // 012345678901 is an account id.
    if integral.count > 1, integral.first == UInt8(ascii: "0") { return nil }
    if rest.isEmpty { return integral.isEmpty ? nil : Int(text).map { .integer($0) } }
    var fraction: ArraySlice<UInt8> = []
    if rest.first == UInt8(ascii: ".") {
      fraction = rest.dropFirst().prefix(while: isDigit)
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard !integral.isEmpty || !fraction.isEmpty else { return nil }
    if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard let digit = rest.first, isDigit(digit) else { return nil }
      rest = rest.drop(while: isDigit)
    }
    return rest.isEmpty ? Double(text).map { .real($0) } : nil
  }

  /// `Int(_:radix:)` would accept a sign after the prefix.
  private static func whole(_ digits: Substring, radix: Int) -> SourceValue.Content? {
    guard digits.first?.isHexDigit == true else { return nil }
    return Int(digits, radix: radix).map { .integer($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
