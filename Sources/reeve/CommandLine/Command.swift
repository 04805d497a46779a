import Governance

/// A command as the user sees it: its words, its options, its help.
struct Command: Sendable {
  struct Option: Sendable {
    var name: String
    /// What stands for the value in the help; nil for a flag.
    var value: String?
    var help: String
    var repeats = false
  }

  struct Argument: Sendable {
    var name: String
    var help: String
    var isRequired = true
    /// The last one may come several times.
    var repeats = false
  }

  /// `["config", "schema"]`
  var path: [String]
  var summary: String
  var discussion = ""
  var options: [Option] = []
  var arguments: [Argument] = []
  var run: @Sendable (Arguments, Context) async throws -> ExitStatus

  var name: String { path.joined(separator: " ") }
}

/// The exit statuses are part of the contract with those who schedule sweeps.
struct ExitStatus: Equatable, Sendable {
  var code: Int32

  /// No gap and nothing open.
  static let clean = ExitStatus(code: 0)
  /// Findings are open; for an apply or undo: some actions were skipped or failed.
  static let findings = ExitStatus(code: 1)
  /// The command line or the configuration is wrong; nothing was done.
  static let usage = ExitStatus(code: 2)
  /// Something could not be looked at. Wins over findings.
  static let gap = ExitStatus(code: 3)
  /// It failed, or another holds the ledger.
  static let failed = ExitStatus(code: 4)
}

/// What was given on the command line, checked against a command's options.
struct Arguments: Sendable {
  private var values: [String: [String]] = [:]
  private(set) var positional: [String] = []

  func flag(_ name: String) -> Bool { values[name] != nil }
  func value(_ name: String) -> String? { values[name]?.last }
  func values(_ name: String) -> [String] { values[name] ?? [] }
  /// A comma-separated list, which may also be repeated.
  func list(_ name: String) -> [String] {
    values(name).flatMap { $0.split(separator: ",").map { $0.trimmingBlanks } }.filter { !$0.isEmpty }
  }

  init() {}

  /// Reads `--name value`, `--name=value`, flags and positional arguments; `--` ends the options. All that is wrong
  /// comes in one error.
  init(_ words: [String], for command: Command) throws(UsageError) {
    var problems: [String] = []
    var rest = words[...]
    let names = command.options.map(\.name) + ["--help"]
    while let word = rest.popFirst() {
      if word == "--" {
        positional.append(contentsOf: rest)
        break
      }
      guard word.hasPrefix("-"), word.count > 1 else {
        positional.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let option = command.options.first(where: { $0.name == parts[0] }) else {
        problems.append("unknown option \(parts[0]); \(SourceReader.suggestion(for: parts[0], among: names))")
        if parts.count == 1, let next = rest.first, !next.hasPrefix("-") { rest.removeFirst() }
        continue
      }
      if option.value == nil {
        if parts.count == 2 { problems.append("\(option.name) takes no value") }
        values[option.name] = [""]
      } else if let value = parts.count == 2 ? parts[1] : rest.popFirst() {
        if values[option.name] != nil, !option.repeats { problems.append("\(option.name) is given twice") }
        values[option.name, default: []].append(value)
      } else {
        problems.append("\(option.name) needs a value: \(option.name) \(option.value ?? "")")
      }
    }
    let required = command.arguments.count { $0.isRequired }
    if positional.count < required {
      problems.append("\(command.arguments[positional.count].name) is missing")
    } else if positional.count > command.arguments.count, command.arguments.last?.repeats != true {
      problems.append("unexpected argument \"\(positional[command.arguments.count])\"")
    }
    guard problems.isEmpty else { throw UsageError(problems: problems, command: command.name) }
  }

  /// The value read by a reader; nil when it was not given.
  func parsed<Value>(_ name: String, expected: String, _ read: (String) -> Value?) throws(UsageError) -> Value? {
    guard let text = value(name) else { return nil }
    guard let parsed = read(text) else {
      throw UsageError(problems: ["\(name) \(text): expected \(expected)"], command: "")
    }
    return parsed
  }
}

/// The command line is wrong.
struct UsageError: Error, Equatable, CustomStringConvertible {
  var problems: [String]
  var command: String

  var description: String {
    problems.map { "reeve: \($0)" }.joined(separator: "\n")
      + "\nrun `reeve \(command.isEmpty ? "" : command + " ")--help` for the options"
  }
}

extension Substring {
  var trimmingBlanks: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
