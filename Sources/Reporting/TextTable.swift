/// Aligned columns that fit a width: flexible columns give way first, the widest of them before the others.
struct TextTable {
  struct Column {
    var header: String
    /// The least width that this column is cut to; nil for one that is never cut.
    var minimum: Int?
    var isRight = false

    init(_ header: String, minimum: Int? = nil, isRight: Bool = false) {
      self.header = header
      self.minimum = minimum
      self.isRight = isRight
    }
  }

  var columns: [Column]
  var rows: [[String]] = []
  /// Lines that follow a row, already indented.
  var details: [Int: [String]] = [:]
  var indent = "  "

  init(_ columns: [Column]) { self.columns = columns }

  mutating func add(_ cells: [String], details: [String] = []) {
    if !details.isEmpty { self.details[rows.count] = details }
    rows.append(cells.map(TerminalText.plain))
  }

  /// Empty columns are left out.
  func lines(_ terminal: TerminalText, showsHeader: Bool = true) -> [String] {
    let shown = columns.indices.filter { column in rows.contains { !$0[column].isEmpty } }
    let widths = widths(of: shown, room: terminal.width - TerminalText.width(indent))
    var lines: [String] = []
    if showsHeader {
      lines.append(terminal.styled(line(shown.map { columns[$0].header }, shown, widths), .dim))
    }
    for (position, row) in rows.enumerated() {
      lines.append(line(shown.map { row[$0] }, shown, widths))
      lines += (details[position] ?? []).map { terminal.styled($0, .dim) }
    }
    return lines
  }

  private func widths(of shown: [Int], room: Int) -> [Int] {
    var widths = shown.map { column in
      rows.reduce(TerminalText.width(columns[column].header)) { max($0, TerminalText.width($1[column])) }
    }
    var excess = widths.reduce(2 * max(0, widths.count - 1), +) - room
    while excess > 0 {
      let flexible = shown.indices.filter { widths[$0] > columns[shown[$0]].minimum ?? Int.max }
      guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private func line(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
    var text = indent
    for (position, cell) in cells.enumerated() {
      let cut = TerminalText.truncated(cell, to: widths[position])
      let isLast = position == cells.count - 1
      if columns[shown[position]].isRight {
        text += String(repeating: " ", count: max(0, widths[position] - TerminalText.width(cut))) + cut
      } else {
        text += isLast ? cut : TerminalText.padded(cut, to: widths[position])
      }
      if !isLast { text += "  " }
    }
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
