import Governance

/// What a scenario's result says to a person.
package enum ScenarioText {
  /// Every failure with expected and actual side by side, and the one line that replays it.
  package static func failures(_ result: ScenarioResult, path: String = "", flags: String = "") -> String {
    var text = ""
    for failure in result.failures {
      text += "  \(failure.location.map { "\($0): " } ?? "")\(failure.what)\n"
      text += sideBySide(failure)
    }
    guard !path.isEmpty, !result.passed else { return text }
    return text + "  replay it: reeve scenario run \(path) --seed \(result.scheduleSeed)\(flags)\n"
  }

  private static let widest = 72

  private static func sideBySide(_ failure: ScenarioFailure) -> String {
    var failure = failure
    failure.expected = failure.expected.flatMap(lines)
    failure.actual = failure.actual.flatMap(lines)
    let rows = max(failure.expected.count, failure.actual.count)
    func cell(_ column: [String], _ row: Int) -> String { row < column.count ? column[row] : "" }
    let width = (failure.expected + ["expected"]).map(\.count).max() ?? 0
    guard width <= widest else {
      // Too wide for two columns: one below the other.
      return block("expected", failure.expected) + block("actual", failure.actual)
    }
    var text = "    \(padded("expected", width))  | actual\n"
    for row in 0..<rows {
      text += "    \(padded(cell(failure.expected, row), width))  | \(cell(failure.actual, row))\n"
    }
    return text
  }

  private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

  private static func block(_ title: String, _ lines: [String]) -> String {
    "    \(title)\n" + lines.map { "      \($0)\n" }.joined()
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
