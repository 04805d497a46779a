/// Text on its way to a terminal: names and messages come from AWS and from tags, where anybody may have written them.
package struct TerminalText: Sendable {
  /// Columns to fill.
  package var width: Int
  package var color: Bool

  package init(width: Int, color: Bool) {
    self.width = max(40, width)
    self.color = color
  }

  enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case boldRed = "1;31"
    case yellow = "33"
    case cyan = "36"
    case green = "32"
  }

  func styled(_ text: String, _ style: Style?) -> String {
    guard color, let style, !text.isEmpty else { return text }
    return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
  }

  /// Without control characters and direction overrides, which could hide or forge lines; on one line.
  static func plain(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      scalars.append(scalar == "\n" || scalar == "\t" ? " " : isUnsafe(scalar) ? "\u{FFFD}" : scalar)
    }
    return String(scalars)
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// Columns that a text takes.
  static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

  private static func width(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    // East Asian wide and full-width forms, and emoji.
    let wide: [ClosedRange<UInt32>] = [
      0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]
    return wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  /// As much as fits, with `…` where something was cut off.
  static func truncated(_ text: String, to columns: Int) -> String {
    guard width(text) > columns else { return text }
    guard columns > 0 else { return "" }
    var cut = ""
    var used = 1
    for character in text {
      used += width(character)
      if used > columns { break }
      cut.append(character)
    }
    return cut + "…"
  }

  static func padded(_ text: String, to columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - width(text)))
  }

  /// Left and right on one line; the left gives way.
  func spread(_ left: String, _ right: String, style: Style? = nil) -> String {
    let room = width - Self.width(right) - 2
    let kept = Self.truncated(left, to: room)
    return styled(kept, style) + String(repeating: " ", count: max(2, width - Self.width(kept) - Self.width(right)))
      + styled(right, .dim)
  }

  /// What of a long word goes on this line: up to the last punctuation in its second half, where there is one.
  private static func head(of word: String, columns: Int) -> String {
    var head = ""
    var used = 0
    for character in word {
      used += width(character)
      if used > columns { break }
      head.append(character)
    }
    guard let mark = head.lastIndex(where: { ",:/}]".contains($0) }) else { return head }
    let tidy = head[...mark]
    return tidy.count * 2 > head.count ? String(tidy) : head
  }

  /// A text over as many lines as it needs, each behind the indent.
  func wrapped(_ text: String, indent: String) -> [String] {
    let room = max(20, width - Self.width(indent))
    var lines: [String] = []
    var line = ""
    for word in Self.plain(text).split(separator: " ") {
      var rest = String(word)
      if !line.isEmpty, Self.width(line) + 1 + Self.width(rest) <= room {
        line += " " + rest
        continue
      }
      if !line.isEmpty { lines.append(line) }
      // A word that no line can hold, such as an ARN, is broken.
      while Self.width(rest) > room {
        let head = Self.head(of: rest, columns: room)
        lines.append(head)
        rest = String(rest.dropFirst(head.count))
      }
      line = rest
    }
    if !line.isEmpty { lines.append(line) }
    return lines.map { indent + $0 }
  }
}

extension Int {
  /// `1 finding`, `3 findings`
  func counted(_ noun: String, _ plural: String? = nil) -> String {
    "\(self) \(self == 1 ? noun : plural ?? noun + "s")"
  }
}
