import Foundation

/// The contract as a page, from the header's own words: its sections, structs with their fields and remarks, functions
/// with purpose, arguments and returns, and constants.
struct ContractReference {
  let header: String

  var markdown: String {
    var out = """
      # The contract

      Every struct, function and constant of `reeve_plugin.h`, from the header itself.

      ## Overview

      \(opening)

      """
    for section in sections {
      out += "\n## \(section.title)\n"
      for item in section.items { out += "\n" + item }
    }
    return out
  }

  /// The comment at the head of the file.
  private var opening: String {
    guard let end = header.range(of: "*/") else { return "" }
    let text = Self.plain(String(header[..<end.lowerBound].dropFirst(2)))
    return text.replacingOccurrences(of: "reeve_plugin.h: the contract", with: "The contract")
  }

  private struct Section {
    var title: String
    var items: [String]
  }

  private var sections: [Section] {
    let parts = header.components(separatedBy: "/* ---- ")
    return parts.dropFirst().compactMap { part in
      guard let end = part.range(of: "*/") else { return nil }
      let title = part[..<end.lowerBound].trimmingCharacters(in: CharacterSet(charactersIn: "- \n"))
      let items = Self.items(of: String(part[end.upperBound...]))
      return items.isEmpty ? nil : Section(title: title, items: items)
    }
  }

  /// Structs, and the constants between them.
  private static func items(of text: String) -> [String] {
    var items: [String] = []
    var remark = ""
    var constants: [String] = []
    func flush() {
      guard !constants.isEmpty else { return }
      items.append("| constant | value | |\n| --- | --- | --- |\n" + constants.joined(separator: "\n") + "\n")
      constants = []
    }
    var lines = text.components(separatedBy: "\n")[...]
    while let line = lines.popFirst() {
      let trimmed = line.trimmingCharacters(in: .whitespaces)
      if trimmed.hasPrefix("/*") {
        var comment = trimmed
        while !comment.contains("*/"), let next = lines.popFirst() { comment += "\n" + next }
        remark = plain(comment)
      } else if trimmed.hasPrefix("#define REEVE_"), let constant = constant(trimmed, &lines) {
        constants.append(constant)
      } else if trimmed.hasSuffix("{"), trimmed.contains("struct reeve_") {
        flush()
        var body: [String] = []
        while let next = lines.popFirst(), !next.hasPrefix("}") { body.append(next) }
        items.append(structure(trimmed, body, remark))
        remark = ""
      } else if trimmed.hasPrefix("REEVE_EXPORT") {
        flush()
        var declaration = trimmed
        while !declaration.hasSuffix(";"), let next = lines.popFirst() {
          declaration += " " + next.trimmingCharacters(in: .whitespaces)
        }
        items.append("### reeve_plugin_entry_v1\n\n\(remark)\n\n```\n\(clean(declaration))\n```\n")
        remark = ""
      } else if trimmed.isEmpty {
        flush()
      }
    }
    flush()
    return items
  }

  private static func constant(_ line: String, _ lines: inout ArraySlice<String>) -> String? {
    var line = line
    while line.contains("/*"), !line.contains("*/"), let next = lines.popFirst() {
      line += " " + next.trimmingCharacters(in: .whitespaces)
    }
    let words = line.split(separator: " ", maxSplits: 2).map(String.init)
    guard words.count == 3, !words[1].contains("(") else { return nil }
    let parts = words[2].components(separatedBy: "/*")
    let value = parts[0].trimmingCharacters(in: .whitespaces)
    return "| `\(words[1])` | `\(value)` | \(parts.count > 1 ? cell(plain("/*" + parts[1])) : "") |"
  }

  private static func structure(_ head: String, _ body: [String], _ remark: String) -> String {
    let name = head.components(separatedBy: " ").first { $0.hasPrefix("reeve_") } ?? ""
    var rows: [String] = []
    var before = ""
    var lines = body[...]
    while let line = lines.popFirst() {
      var text = line.trimmingCharacters(in: .whitespaces)
      guard !text.isEmpty else { continue }
      if text.hasPrefix("/*") {
        while !text.contains("*/"), let next = lines.popFirst() { text += "\n" + next }
        before = plain(text)
        continue
      }
      while !text.contains(";"), let next = lines.popFirst() { text += " " + next.trimmingCharacters(in: .whitespaces) }
      while text.contains("/*"), !text.contains("*/"), let next = lines.popFirst() {
        text += " " + next.trimmingCharacters(in: .whitespaces)
      }
      let parts = text.components(separatedBy: "/*")
      let declaration = clean(parts[0].trimmingCharacters(in: CharacterSet(charactersIn: " ;")))
      let after = parts.count > 1 ? plain("/*" + parts[1]) : ""
      rows.append(
        "| `\(field(declaration))` | `\(declaration)` | \(cell([before, after].filter { !$0.isEmpty }.joined(separator: " "))) |"
      )
      before = ""
    }
    return "### \(name)\n\n\(remark.isEmpty ? "" : remark + "\n\n")| field | declaration | |\n| --- | --- | --- |\n"
      + rows.joined(separator: "\n") + "\n"
  }

  private static func field(_ declaration: String) -> String {
    if let star = declaration.range(of: "(*") {
      return String(declaration[star.upperBound...].prefix { $0 != ")" }).trimmingCharacters(in: .whitespaces)
    }
    return declaration.components(separatedBy: CharacterSet(charactersIn: " *")).last ?? declaration
  }

  private static func clean(_ text: String) -> String {
    text.replacingOccurrences(of: "REEVE_NULLABLE ", with: "").replacingOccurrences(of: "REEVE_NONNULL ", with: "")
      .replacingOccurrences(of: "*REEVE_NULLABLE", with: "*").replacingOccurrences(of: "*REEVE_NONNULL", with: "*")
      .replacingOccurrences(of: "REEVE_EXPORT ", with: "")
  }

  /// A comment's words without its frame.
  private static func plain(_ comment: String) -> String {
    comment.components(separatedBy: "\n").map { line in
      var line = line.trimmingCharacters(in: .whitespaces)
      for mark in ["/*", "*/"] { line = line.replacingOccurrences(of: mark, with: "") }
      line = line.trimmingCharacters(in: .whitespaces)
      if line.hasPrefix("* ") { line.removeFirst(2) }
      return line == "*" ? "" : line
    }.joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func cell(_ text: String) -> String {
    text.replacingOccurrences(of: "\n", with: " ").replacingOccurrences(of: "|", with: "\\|")
  }
}
