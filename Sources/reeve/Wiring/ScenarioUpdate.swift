import Configuration
import Governance
import ScenarioReplay

/// `scenario run --update`: puts what was measured in place of what was expected and did not come true.
struct ScenarioUpdate {
  let files: ScenarioFiles

  /// What was changed, as a difference for a person. A file that would not read afterwards is left alone.
  func apply(_ result: ScenarioResult, _ path: String) throws -> String {
    let bytes = try files.bytes(path)
    var edit = YAMLEdit(bytes, file: path)
    var values: [(key: SourceValue.Location, value: Document)] = []
    var kept: [String] = []
    for failure in result.failures {
      if let location = failure.location, location.file == path, let measured = failure.measured {
        values.append((location, measured))
      } else {
        kept.append("\(failure.location.map { "\($0): " } ?? "")\(failure.what)")
      }
    }
    var text = kept.map { "  not updated, nothing was measured that could stand there: \($0)\n" }.joined()
    guard !values.isEmpty else { return text }
    try edit.replace(values)
    let updated = Array(edit.text.utf8)
    _ = try Scenario.parse(updated, file: path, files: { try files.context.files.contents(of: $0) })
    try files.context.files.replace(path, with: updated, mode: 0o644)
    text += "  updated \(path)\n" + Self.difference(String(decoding: bytes, as: UTF8.self), edit.text)
    return text
  }

  /// Lines that are gone and lines that are new, by the longest common subsequence.
  static func difference(_ old: String, _ new: String) -> String {
    let left = old.split(separator: "\n", omittingEmptySubsequences: false)
    let right = new.split(separator: "\n", omittingEmptySubsequences: false)
    var text = ""
    for change in right.difference(from: left).sorted(by: { Self.place($0) < Self.place($1) }) {
      switch change {
      case .remove(let offset, let line, _): text += "  \(offset + 1) - \(line)\n"
      case .insert(let offset, let line, _): text += "  \(offset + 1) + \(line)\n"
      }
    }
    return text
  }

  private static func place(_ change: CollectionDifference<Substring>.Change) -> (Int, Int) {
    switch change {
    case .remove(let offset, _, _): (offset, 0)
    case .insert(let offset, _, _): (offset, 1)
    }
  }
}
