import Governance
import Orchestrator
import PluginHost

extension Command {
  static let pluginValidate = Command(
    path: ["plugin", "validate"], summary: "ask a plugin everything that the contract asks of one",
    discussion: """
      The public conformance suite. Each case runs in a process of its own, so that a plugin which crashes fails that case;
      --in-process --only CASE runs one case here, for a debugger. What is random is so by the seed, which is printed.
      The plugin's code runs with your rights: validate what you would run. Exit status: 0 it passed, 1 it did not.
      """,
    options: [
      .init(name: "--configuration", value: "JSON", help: "the plugin's configuration: a file, or the JSON itself"),
      .init(
        name: "--only", value: "CASE", help: "only this case, or only those that begin so, as check.", repeats: true),
      .init(name: "--in-process", help: "no processes of their own: for a debugger, with --only CASE"),
      .init(name: "--seed", value: "N", help: "repeat a run whose seed was printed"),
      .init(name: "--limit", value: "DURATION", help: "how long a case may take. Default: 30s"),
      .init(name: "--junit", value: "FILE", help: "write the results as JUnit XML as well"),
      .init(name: "--list", help: "list the cases that concern this plugin, and run nothing"),
    ], arguments: [.init(name: "LIB", help: "the plugin's folder, or its library in a build folder")]
  ) { arguments, context in
    try await PluginValidation(arguments, context).run()
  }
}

private struct PluginValidation {
  let arguments: Arguments
  let context: Context
  let run: ConformanceRun
  let limit: Duration

  init(_ arguments: Arguments, _ context: Context) throws {
    self.arguments = arguments
    self.context = context
    let seed = try arguments.parsed("--seed", expected: "a whole number") { UInt64($0) }
    limit = try arguments.parsed("--limit", expected: "a duration such as 30s", Duration.init(text:)) ?? .seconds(30)
    run = ConformanceRun(
      plugin: try DevelopedPlugin.locate(arguments, context),
      configuration: try DevelopedPlugin.configuration(arguments, context), owners: context.owners,
      hostVersion: Reeve.version, seed: seed ?? context.seed % 1_000_000)
  }

  func run() async throws -> ExitStatus {
    let manifest: PluginManifest
    do throws(PluginLoadErrors) {
      manifest = try run.manifest()
    } catch {
      // Without a manifest there is nothing to ask by.
      return try finish(
        [.init(id: "manifest", asks: "plugin.json can be read", outcome: .failed(error.description))], "")
    }
    let cases = try selected(manifest)
    if arguments.flag("--list") {
      for item in cases { context.output.write("\(item.id.padded(to: 22)) \(item.asks)\n") }
      return .clean
    }
    if arguments.flag("--in-process") { return try inProcess(cases) }
    var results: [ConformanceReport.Line] = []
    for item in cases {
      let line = ConformanceReport.Line(id: item.id, asks: item.asks, outcome: try await outcome(of: item))
      context.output.write(line.text)
      results.append(line)
      // A plugin that cannot be loaded fails everything else the same way.
      if item.id == "load", case .failed = line.outcome { break }
    }
    return try finish(results, "\(manifest.id) \(manifest.version)")
  }

  private func selected(_ manifest: PluginManifest) throws -> [ConformanceCase] {
    let concerned = ConformanceCase.all.filter { $0.concerns(manifest) }
    let only = arguments.values("--only")
    let unknown = only.filter { name in !ConformanceCase.all.contains { $0.id.hasPrefix(name) } }
    guard unknown.isEmpty else {
      let ids = ConformanceCase.all.map(\.id)
      throw CommandFailure.usage(
        "--only \(unknown[0]): no such case; \(SourceReader.suggestion(for: unknown[0], among: ids))")
    }
    // A whole name is that case alone: check.one is not check.one-more.
    return concerned.filter { item in
      only.isEmpty
        || only.contains { name in
          ConformanceCase.all.contains { $0.id == name } ? item.id == name : item.id.hasPrefix(name)
        }
    }
  }

  /// In this process. The last line says how it ended, for whoever started it.
  private func inProcess(_ cases: [ConformanceCase]) throws -> ExitStatus {
    guard cases.count == 1, let item = cases.first else {
      throw UsageError(problems: ["--in-process goes with --only CASE, a single one"], command: "plugin validate")
    }
    let outcome: ConformanceReport.Outcome
    do throws(ConformanceFailure) {
      switch try run.run(item) {
      case .passed: outcome = .passed
      case .skipped(let why): outcome = .skipped(why)
      }
    } catch {
      outcome = .failed(error.message)
    }
    let line = ConformanceReport.Line(id: item.id, asks: item.asks, outcome: outcome)
    context.output.write(line.text + line.record + "\n")
    return outcome.isFailure ? .findings : .clean
  }

  private func outcome(of item: ConformanceCase) async throws -> ConformanceReport.Outcome {
    var words = [
      context.executable, "plugin", "validate", arguments.positional[0], "--in-process", "--only", item.id, "--seed",
      "\(run.seed)",
    ]
    if let configuration = arguments.value("--configuration") { words += ["--configuration", configuration] }
    let end = try await context.program(words, limit)
    switch end.how {
    case .overdue: return .failed("did not return within \(limit.brief): it loops, waits, or is far too slow")
    case .signalled(let signal): return .failed(item.message(signal: signal) + excerpt(end.output))
    case .exited(let status):
      let last = end.output.split(separator: "\n").last.map(String.init) ?? ""
      if let outcome = ConformanceReport.Outcome(record: last, of: item.id) { return outcome }
      return .failed("ended the process with exit status \(status)" + excerpt(end.output))
    }
  }

  /// The end of what the process said, such as the runtime's word on a trap.
  private func excerpt(_ output: String) -> String {
    let line = output.split(separator: "\n").last { !$0.isEmpty }.map(String.init) ?? ""
    return line.isEmpty ? "" : " (\(line.prefix(300)))"
  }

  private func finish(_ results: [ConformanceReport.Line], _ plugin: String) throws -> ExitStatus {
    let report = ConformanceReport(plugin: plugin, seed: run.seed, lines: results)
    if results.count == 1, results[0].id == "manifest" { context.output.write(results[0].text) }
    context.output.write(report.summary)
    if let path = arguments.value("--junit") {
      try context.files.replace(path, with: Array(report.junit.utf8), mode: 0o644)
    }
    return report.hasFailed ? .findings : .clean
  }
}
