import AWSAccess
import Configuration
import Determinism
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import PluginHost
import Reporting
import ScenarioReplay

extension Command {
  static let sweep = Command(
    path: ["sweep"], summary: "look at every account and region, say what is exposed and what could not be looked at",
    discussion: """
      Changes nothing. Without a configuration it uses the ambient AWS credentials, lists the organization, assumes
      OrganizationAccountAccessRole in each member account and looks at all enabled regions with the shipped plugins.
      With --world it sweeps an embedded simulator instead, under virtual time.
      """,
    options: Settings.options + [
      .init(
        name: "--regions", value: "LIST", help: "only these regions, separated by commas; * stands for anything",
        repeats: true),
      .init(
        name: "--checks", value: "LIST", help: "only these checks, separated by commas; * stands for anything",
        repeats: true),
      .init(name: "--format", value: "FORMAT", help: "table, json or jsonl. Default: table"),
      .init(name: "--json", value: "FILE", help: "write the JSON report to a file as well"),
      .init(
        name: "--fail-on", value: "SEVERITY",
        help: "open findings below it do not count for exit status 1. Default: info"),
      .init(name: "--max-duration", value: "DURATION", help: "end cleanly after this long; --resume goes on"),
      .init(
        name: "--max-age", value: "DURATION", help: "launch permissions read longer ago are read again. Default: 24h"),
      .init(name: "--concurrency", value: "N", help: "scopes looked at at the same time. Default: 32"),
      .init(name: "--resume", help: "go on with the latest interrupted sweep of the same checks, accounts and regions"),
      .init(name: "--world", value: "FILE", help: "sweep this world in an embedded simulator"),
      .init(name: "--schedule-seed", value: "N", help: "with --world: in which order ready work runs. Default: 1"),
      .init(name: "--transcript", value: "FILE", help: "with --world: write what was asked and answered, line by line"),
    ]
  ) { arguments, context in
    let format = arguments.value("--format") ?? "table"
    guard ["table", "json", "jsonl"].contains(format) else {
      throw UsageError(problems: ["--format \(format): expected table, json or jsonl"], command: "sweep")
    }
    let report =
      if let world = arguments.value("--world") {
        try SweepCommand(arguments: arguments, context: context).replay(world)
      } else {
        try await SweepCommand(arguments: arguments, context: context).live()
      }
    switch format {
    case "json": JSONReport.write(report) { context.output.write($0) }
    case "jsonl": JSONLReport.write(report) { context.output.write($0) }
    default:
      let width = context.output.terminalWidth
      context.output.write(TableReport.render(report, width: width ?? 100, color: width != nil && context.allowsColor))
    }
    if let path = arguments.value("--json") {
      try context.files.replace(path, with: Array(JSONReport.render(report).utf8), mode: 0o644)
    }
    return ExitStatus(code: Int32(report.exitStatus))
  }
}

private struct SweepCommand {
  let arguments: Arguments
  let context: Context

  func live() async throws -> SweepReport {
    for option in ["--schedule-seed", "--transcript"] where arguments.value(option) != nil {
      throw UsageError(problems: ["\(option) goes with --world"], command: "sweep")
    }
    let settings = try Settings.load(arguments, context)
    let host = try Plugins.load(settings, context, replaying: false, ledger: settings.ledgerPath)
    let checks = try settings.selectedChecks(host.manifests)
    let (cloud, region) = try Connection.open(settings, context)
    let ledger = try SQLiteLedger(.file(settings.ledgerPath), lane: try context.lane("ledger"))
    let progress = SweepProgressLine(output: context.errors, clock: context.clock, meter: cloud.meter)
    let sweeper = Sweeper(
      cloud: cloud, catalog: host, ledger: ledger, clock: context.clock, observer: progress,
      holderIsDead: context.holderIsDead)
    let outcome = try await started {
      try await sweeper.run(
        options(settings, checks, host, clock: context.clock, seed: context.seed, region: region),
        stop: context.interrupt)
    }
    progress.clear()
    return try await Reports.sweep(
      outcome, settings: settings, manifests: host.manifests, ledger: ledger, meter: cloud.meter.reading,
      remarks: remarks(host))
  }

  func replay(_ path: String) throws -> SweepReport {
    let settings = try Settings.load(arguments, context)
    let host = try Plugins.load(settings, context, replaying: true, ledger: arguments.value("--ledger"))
    let checks = try settings.selectedChecks(host.manifests)
    let seed = try arguments.parsed("--schedule-seed", expected: "a whole number") { UInt64($0) } ?? 1
    let replay = try Replay(
      Replay.Setting(
        world: try Worlds.read(path, seed: nil, context), scheduleSeed: seed, start: Worlds.defaultStart,
        chain: settings.chain, region: settings.region ?? Partition.aws.homeRegion, limits: settings.callLimits,
        organization: settings.organizationSource, ledger: arguments.value("--ledger").map { .file($0) } ?? .memory),
      catalog: host)
    // Ctrl-C comes on a thread of its own; the replay hears of it on its one thread, between two scopes.
    let stop = StopSignal()
    let progress = SweepProgressLine(output: context.errors, clock: replay.executor, meter: nil) { [context] in
      if let reason = context.interrupt.reason { stop.raise(reason) }
    }
    let options = options(
      settings, checks, host, clock: replay.executor, seed: seed, region: settings.region ?? Partition.aws.homeRegion)
    let outcome = try replay.sweep(options, stop: stop, observer: progress)
    if let file = arguments.value("--transcript") {
      try context.files.replace(file, with: Array(replay.transcript.text.utf8), mode: 0o644)
    }
    let remarks = remarks(host)
    return try replay.run {
      try await Reports.sweep(
        outcome, settings: settings, manifests: host.manifests, ledger: replay.ledger,
        meter: replay.cloud.meter.reading, remarks: remarks)
    }
  }

  /// What keeps a sweep from beginning, with the exit status that stands for it.
  private func started(_ body: () async throws -> SweepOutcome) async throws -> SweepOutcome {
    do {
      return try await body()
    } catch let error as SweepError {
      switch error {
      case .unknownChecks: throw CommandFailure.usage(error.description)
      case .noCredentials: throw CommandFailure.failed("\(error)\nrun `reeve doctor` to see what was tried")
      case .organization, .plugin, .unitsUnknown: throw CommandFailure.failed(error.description)
      }
    }
  }

  private func options(
    _ settings: Settings, _ checks: [String], _ host: PluginHost, clock: any WorldClock, seed: UInt64, region: String
  ) -> SweepOptions {
    SweepOptions(
      id: Identifiers.new("sweep", at: clock.now, seed: seed), holder: context.holder, checks: checks,
      accounts: settings.configuration.accountSelection, regions: settings.regions,
      trusted: settings.configuration.trusted, pluginConfigurations: settings.configuration.plugins.configurations,
      concurrency: settings.limits.concurrency, maximumDuration: settings.limits.maximumDuration,
      answersMaximumAge: settings.limits.launchPermissionsMaximumAge, resumes: arguments.flag("--resume"),
      homeRegion: region, missing: host.errors.map { "plugin \($0.plugin) was not loaded (\($0.code.rawValue))" })
  }

  private func remarks(_ host: PluginHost) -> [String] {
    let inline = host.manifests.filter { $0.isolation == .inline && !$0.isShipped }.map(\.id)
    let said =
      inline.isEmpty
      ? []
      : ["these plugins run inline, inside the process that holds the credentials: \(inline.joined(separator: ", "))"]
    return said + host.faults
  }
}

/// Ids of sweeps and runs: when, and what tells two of one second apart.
enum Identifiers {
  static func new(_ kind: String, at time: Timestamp, seed: UInt64) -> String {
    var generator = SeededGenerator(seed: seed, stream: "\(kind) \(time.nanoseconds)")
    return "\(kind)-\(time.basic)-\(generator.hexadecimal(digits: 6))"
  }
}
