import Configuration
import Governance
import PluginHost
import Reporting
import ScenarioReplay

extension Command {
  static let scenarioRun = Command(
    path: ["scenario", "run"], summary: "play scenarios on the simulator and say whether what they expect comes true",
    discussion: """
      PATH is a scenario file, or a folder whose .yaml files with a timeline are played. The real orchestrator and plugins
      run under virtual time, in an order drawn from the schedule's seed: the same seed gives the same bytes.
      Exit status: 0 all passed, 1 something did not come true, 2 usage or a malformed scenario, 4 failed.
      """,
    options: [
      .init(name: "--seed", value: "S", help: "the schedule's seed. Default: 1"),
      .init(name: "--seeds", value: "A..B", help: "every schedule seed from A to B"),
      .init(name: "--over-http", help: "serve the world over HTTP on loopback and reach it with libcurl"),
      .init(name: "--junit", value: "FILE", help: "write the results as JUnit XML as well"),
      .init(name: "--update", help: "put what was measured in place of what did not come true; shows the difference"),
      .init(name: "--report", value: "FILE", help: "write what happened, step by step"),
      .init(name: "--transcript", value: "FILE", help: "write what was asked and answered, line by line"),
      .init(name: "--ledger-dump", value: "FILE", help: "write the ledger's content as it is in the end"),
    ], arguments: [.init(name: "PATH", help: "a scenario, or a folder of them", repeats: true)]
  ) { arguments, context in
    try ScenarioCommand(arguments: arguments, context: context).run()
  }

  static let scenarioCheck = Command(
    path: ["scenario", "check"], summary: "check scenario files and say everything that is wrong with them",
    arguments: [.init(name: "PATH", help: "a scenario, or a folder of them", repeats: true)]
  ) { arguments, context in
    let files = try ScenarioFiles(context: context).expand(arguments.positional)
    var problems: [SourceProblem] = []
    for file in files {
      do { _ = try ScenarioFiles(context: context).read(file) } catch let error as SourceProblems {
        problems += error.problems
      }
    }
    guard problems.isEmpty else {
      context.errors.write(problems.map { "\($0)\n" }.joined())
      return .usage
    }
    context.output.write(files.map { "\($0) is fine\n" }.joined())
    return .clean
  }

  static let scenarioSchema = Command(
    path: ["scenario", "schema"], summary: "print the JSON Schema of scenario files, for editors"
  ) { _, context in
    context.output.write(Scenario.schema)
    return .clean
  }
}

/// Scenario files and the folders that hold them.
struct ScenarioFiles {
  let context: Context

  /// Files as they are named; of a folder, its scenarios in order.
  func expand(_ paths: [String]) throws -> [String] {
    var files: [String] = []
    for path in paths {
      guard let names = try context.files.names(in: path) else {
        guard try context.files.exists(path) else { throw CommandFailure.usage("\(path): no such file or folder") }
        files.append(path)
        continue
      }
      let folder = path.hasSuffix("/") ? path : path + "/"
      let found = try names.map { folder + $0 }.filter { try $0.hasSuffix(".yaml") && isScenario($0) }
      guard !found.isEmpty else { throw CommandFailure.usage("\(path): no .yaml file with a timeline in this folder") }
      files += found
    }
    return files
  }

  /// Folders hold worlds as well.
  private func isScenario(_ path: String) throws -> Bool {
    guard let bytes = try context.files.contents(of: path) else { return false }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { $0.hasPrefix("timeline:") }
  }

  func read(_ path: String) throws -> Scenario {
    try Scenario.parse(try bytes(path), file: path, files: { try context.files.contents(of: $0) })
  }

  func bytes(_ path: String) throws -> [UInt8] {
    guard let bytes = try context.files.contents(of: path) else {
      throw CommandFailure.usage("\(path): no such file; `reeve scenario schema` describes what is expected")
    }
    return bytes
  }
}

private struct ScenarioCommand {
  let arguments: Arguments
  let context: Context

  func run() throws -> ExitStatus {
    let seeds = try seeds()
    let files = try ScenarioFiles(context: context).expand(arguments.positional)
    let scenarios = try load(files)
    let isTraced = ["--transcript", "--report", "--ledger-dump"].contains { arguments.value($0) != nil }
    if isTraced, files.count > 1 || seeds.count > 1 {
      throw CommandFailure.usage("--transcript, --report and --ledger-dump are of one scenario under one seed")
    }
    var outcomes: [ScenarioOutcome] = []
    for (file, scenario) in zip(files, scenarios) {
      let outcome = try play(scenario, file, seeds)
      outcomes.append(outcome)
      context.output.write(outcome.text(flags: arguments.flag("--over-http") ? " --over-http" : ""))
    }
    if let path = arguments.value("--junit") {
      try context.files.replace(
        path, with: Array(JUnitReport(suite: "reeve scenario run", cases: outcomes.map(\.junit)).xml.utf8), mode: 0o644)
    }
    let failed = outcomes.count { !$0.passed }
    context.output.write(
      failed == 0 ? "\(outcomes.count) passed\n" : "\(failed) of \(outcomes.count) failed\n")
    return failed == 0 ? .clean : .findings
  }

  private func seeds() throws -> ClosedRange<UInt64> {
    let one = try arguments.parsed("--seed", expected: "a whole number") { UInt64($0) }
    let many = try arguments.parsed("--seeds", expected: "a range such as 1..1000") { text -> ClosedRange<UInt64>? in
      let ends = text.split(separator: ".", omittingEmptySubsequences: false)
      guard ends.count == 3, ends[1].isEmpty, let low = UInt64(ends[0]), let high = UInt64(ends[2]), low <= high else {
        return nil
      }
      return low...high
    }
    guard one == nil || many == nil else {
      throw UsageError(problems: ["--seed and --seeds: expected one of them"], command: "scenario run")
    }
    return many ?? (one ?? 1)...(one ?? 1)
  }

  /// All that is wrong in all the files at once.
  private func load(_ files: [String]) throws -> [Scenario] {
    var problems: [SourceProblem] = []
    var scenarios: [Scenario] = []
    for file in files {
      do { scenarios.append(try ScenarioFiles(context: context).read(file)) } catch let error as SourceProblems {
        problems += error.problems
      }
    }
    guard problems.isEmpty else { throw SourceProblems(problems) }
    return scenarios
  }

  private func play(_ scenario: Scenario, _ file: String, _ seeds: ClosedRange<UInt64>) throws -> ScenarioOutcome {
    let settings = Settings.checking(scenario.reeve.configuration, file: file)
    let host = try Plugins.load(settings, context, replaying: true)
    let missing = host.errors.map { "plugin \($0.plugin) was not loaded (\($0.code.rawValue))" }
    let network: Replay.Network? = arguments.flag("--over-http") ? ReplayServer.network : nil
    var outcome = ScenarioOutcome(file: file, title: scenario.title, seeds: 0)
    for seed in seeds {
      let runner = ScenarioRunner(
        .init(scheduleSeed: seed, catalog: host, missing: missing, network: network))
      let result = runner.run(scenario)
      outcome.seeds += 1
      try write(result)
      guard result.passed else {
        outcome.failure = result
        break
      }
    }
    if arguments.flag("--update"), let failure = outcome.failure {
      context.output.write(try ScenarioUpdate(files: ScenarioFiles(context: context)).apply(failure, file))
    }
    return outcome
  }

  private func write(_ result: ScenarioResult) throws {
    func write(_ option: String, _ text: () throws -> String) throws {
      guard let path = arguments.value(option) else { return }
      try context.files.replace(path, with: Array(try text().utf8), mode: 0o644)
    }
    try write("--transcript") { result.transcript }
    try write("--report") { result.report + ScenarioText.failures(result) }
    try write("--ledger-dump") { try result.ledgerDump() }
  }
}

/// One scenario under so many seeds.
struct ScenarioOutcome {
  var file: String
  var title: String
  var seeds: Int
  /// Of the first seed that failed.
  var failure: ScenarioResult?

  var passed: Bool { failure == nil }

  func text(flags: String) -> String {
    guard let failure else { return "ok    \(file)\(seeds > 1 ? "  \(seeds) seeds" : "")\n" }
    return "FAIL  \(file)  seed \(failure.scheduleSeed)\n"
      + ScenarioText.failures(failure, path: file, flags: flags)
  }

  var junit: JUnitReport.Case {
    var one = JUnitReport.Case(className: file, name: title, outcome: .passed)
    if let failure {
      one.outcome = .failed(
        JUnitReport.Failure(
          message: failure.failures.map(\.what).joined(separator: "; "), type: "expectation",
          details: ScenarioText.failures(failure, path: file)))
    }
    return one
  }
}
