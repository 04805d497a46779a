/// The start of a body, for an error message: at most 80 characters, on one line, with nothing in it that a terminal obeys.
enum Excerpt {
  /// With `hidingText`, of an XML body only the tags: the answers of STS carry credentials.
  static func of(_ body: [UInt8], hidingText: Bool) -> String {
    guard !body.isEmpty else { return "the body is empty" }
    let start = String(decoding: body.prefix(80 * 4), as: UTF8.self).unicodeScalars.prefix(80)
    let text = hidingText ? tags(String(start)) : String(start)
    return "the body begins \"\(escape(text))\"" + (body.count > String(start).utf8.count ? "…" : "")
  }

  /// Blanks for line ends and tabs, `\u{1B}` for other control and format characters.
  static func escape(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case _ where scalar == "\n" || scalar == "\r" || scalar == "\t": out += " "
      case .control, .format, .lineSeparator, .paragraphSeparator:
        out += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  /// HTML and what is not XML at all come from something between AWS and us: they stay readable.
  private static func tags(_ text: String) -> String {
    guard text.unicodeScalars.first(where: { !$0.properties.isWhitespace && $0 != "\u{FEFF}" }) == "<",
      !text.lowercased().contains("<html"), !text.lowercased().contains("<!doctype html")
    else { return text }
    var out = ""
    for (position, part) in text.split(separator: "<", omittingEmptySubsequences: false).enumerated() where position > 0
    {
      // Of CDATA and comments no end is known here.
      if part.hasPrefix("!") { return out + "<!…" }
      out += "<"
      guard let end = part.firstIndex(of: ">") else { return out + part }
      out += part[...end]
      if part[part.index(after: end)...].contains(where: { !$0.isWhitespace }) { out += "…" }
    }
    return out
  }
}
