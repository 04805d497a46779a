import Governance

/// `~/.aws/config` and `~/.aws/credentials`: sections of `key = value` lines. A line that is indented continues the value
/// above it; below an empty value such lines are settings of their own (`s3 =` and its like, services).
struct ProfileFile: Sendable {
  struct Value: Sendable, Equatable {
    var text: String
    var line: Int
    /// Indented settings below an empty value.
    var nested: [String: String] = [:]
  }

  struct Section: Sendable {
    var name: String
    var line: Int
    var values: [String: Value] = [:]
  }

  let path: String
  private(set) var sections: [String: Section] = [:]

  init(path: String) { self.path = path }

  init(path: String, bytes: [UInt8]) throws(FailureReason) {
    self.path = path
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Self.problem(path, 1, "the file is not UTF-8 text")
    }
    var current: String?
    var lastKey: String?
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (position, whole) in lines.enumerated() {
      let number = position + 1
      let line = Self.trimmed(position == 0 && whole.hasPrefix("\u{FEFF}") ? whole.dropFirst() : whole)
      if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
      if whole.first == " " || whole.first == "\t", let section = current, let key = lastKey {
        continueValue(section, key, line)
      } else if line.hasPrefix("[") {
        current = try open(line, number)
        lastKey = nil
      } else {
        guard let section = current else {
          throw Self.problem(path, number, "a setting stands before the first [section]")
        }
        lastKey = try add(line, number, to: section)
      }
    }
  }

  private mutating func open(_ line: Substring, _ number: Int) throws(FailureReason) -> String {
    guard let close = line.lastIndex(of: "]") else {
      throw Self.problem(path, number, "a section's name has no closing bracket; expected [default] or [profile NAME]")
    }
    guard let words = ShellWords.split(String(line[line.index(after: line.startIndex)..<close])), !words.isEmpty else {
      throw Self.problem(path, number, "a section has no name that can be read; expected [default] or [profile NAME]")
    }
    let name = words.joined(separator: " ")
    if let earlier = sections[name] {
      throw Self.problem(path, number, "[\(name)] is given twice; the first is on line \(earlier.line)")
    }
    sections[name] = Section(name: name, line: number)
    return name
  }

  private mutating func add(_ line: Substring, _ number: Int, to section: String) throws(FailureReason) -> String {
    guard let sign = line.firstIndex(where: { $0 == "=" || $0 == ":" }), sign != line.startIndex else {
      // The line itself is not repeated: it may hold a secret.
      throw Self.problem(path, number, "expected \"key = value\"")
    }
    let key = Self.trimmed(line[..<sign]).lowercased()
    if let earlier = sections[section]?.values[key] {
      throw Self.problem(
        path, number, "\"\(key)\" is given twice in [\(section)]; the first is on line \(earlier.line)")
    }
    sections[section]?.values[key] = Value(
      text: String(Self.trimmed(line[line.index(after: sign)...])), line: number)
    return key
  }

  private mutating func continueValue(_ section: String, _ key: String, _ line: Substring) {
    guard var value = sections[section]?.values[key] else { return }
    if value.text.isEmpty || !value.nested.isEmpty, let sign = line.firstIndex(of: "=") {
      value.nested[Self.trimmed(line[..<sign]).lowercased()] = String(Self.trimmed(line[line.index(after: sign)...]))
    } else {
      value.text += (value.text.isEmpty ? "" : "\n") + line
    }
    sections[section]?.values[key] = value
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0.isWhitespace }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }

  private static func problem(_ path: String, _ line: Int, _ message: String) -> FailureReason {
    FailureReason(kind: .configuration, code: "InvalidConfigurationFile", message: "\(path):\(line): \(message)")
  }
}
