import Governance

/// A document → YAML in brackets, on one line.
struct YAMLFlowWriter {
  /// `{ a: 1 }` and not `{a: 1}`.
  var spacesBraces: Bool

  func write(_ document: Document) -> String {
    switch document.kind {
    case .string: scalar(document.string ?? "")
    case .array: "[" + document.elements.map(write).joined(separator: ", ") + "]"
    case .object: mapping(document)
    default: document.json
    }
  }

  private func mapping(_ document: Document) -> String {
    guard document.count > 0 else { return "{}" }
    let entries = document.entries.map { "\(scalar($0.name)): \(write($0.value))" }.joined(separator: ", ")
    return spacesBraces ? "{ \(entries) }" : "{\(entries)}"
  }

  /// Plain where every reader agrees that it is this text, also between brackets.
  private func scalar(_ text: String) -> String {
    let isPlain =
      !YAMLScalar.needsQuotes(text) && !text.hasSuffix(":")
      && text.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && $0.value < 0x7F && !",[]{}\"'`#".unicodeScalars.contains($0)
      }
      && !text.contains(": ") && text.unicodeScalars.first.map { "&*!|>%@?:-".unicodeScalars.contains($0) } == false
      && text.trimmed == text
    return isPlain ? text : quoted(text)
  }

  /// Nothing in it breaks a line.
  private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C: quoted += "\\\(scalar)"
      case 0x0A: quoted += "\\n"
      case 0..<0x20, 0x7F..<0xA0: quoted += "\\x" + hexadecimal(scalar, digits: 2)
      case 0x2028, 0x2029, 0xFEFF: quoted += "\\u" + hexadecimal(scalar, digits: 4)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private func hexadecimal(_ scalar: Unicode.Scalar, digits: Int) -> String {
    let text = String(scalar.value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
