import Configuration
import Determinism
import Governance
import Ledger
import Orchestrator
import Reporting

private let listOptions: [Command.Option] = [
  .init(name: "--config", value: "FILE", help: "the configuration; only its ledger is used"), Settings.ledgerOption,
  .init(name: "--account", value: "ID", help: "only this account", repeats: true),
  .init(name: "--region", value: "REGION", help: "only this region", repeats: true),
  .init(name: "--format", value: "FORMAT", help: "table, json or jsonl. Default: table"),
]

extension Command {
  static let findings = Command(
    path: ["findings"], summary: "list findings from the ledger, without asking AWS",
    options: listOptions + [
      .init(name: "--check", value: "ID", help: "only this check", repeats: true),
      .init(name: "--image", value: "ID", help: "only this resource", repeats: true),
      .init(name: "--all", help: "resolved ones too"),
    ]
  ) { arguments, context in
    let ledger = try LedgerReading.open(arguments, context)
    let statuses: [Finding.Status] = arguments.flag("--all") ? Finding.Status.allCases : [.open, .reopened, .excepted]
    let findings = try await ledger.findings(
      matching: FindingQuery(
        statuses: statuses, checks: arguments.values("--check"), accounts: arguments.values("--account"),
        regions: arguments.values("--region"), resourceIDs: arguments.values("--image")))
    let names = Reports.names(try await ledger.accounts())
    let listing = FindingsListing(findings: findings, checks: [], accountNames: names, now: context.clock.now)
    let seen = try await LedgerReading.lastSweep(ledger)
    return try LedgerReading.print(
      arguments, context, table: { seen + listing.table(width: $0, color: $1) }, json: listing.json,
      lines: listing.findings.map { JSONReport.finding($0, names: names) })
  }

  static let images = Command(
    path: ["images"], summary: "list the image inventory from the ledger, without asking AWS",
    options: listOptions + [
      .init(name: "--image", value: "ID", help: "only this image", repeats: true),
      .init(name: "--gone", help: "those that are gone too"),
    ]
  ) { arguments, context in
    let ledger = try LedgerReading.open(arguments, context)
    let resources = try await ledger.resources(
      matching: ResourceQuery(
        types: ["ec2:image"], accounts: arguments.values("--account"), regions: arguments.values("--region"),
        ids: arguments.values("--image"), includesGone: arguments.flag("--gone")))
    let inventory = ImageInventory(
      items: resources.map {
        .init(image: $0.resource, firstSeen: $0.firstSeen, lastSeen: $0.lastSeen, goneSince: $0.goneSince)
      }, accountNames: Reports.names(try await ledger.accounts()), now: context.clock.now)
    let json = inventory.json
    return try LedgerReading.print(
      arguments, context, table: inventory.table, json: json, lines: try Document(json: json)["images"]?.elements ?? [])
  }

  static let runs = Command(
    path: ["runs"], summary: "list what was applied and undone",
    options: listOptions.filter { ["--config", "--ledger"].contains($0.name) }
  ) { arguments, context in
    let ledger = try LedgerReading.open(arguments, context)
    var runs: [RunListing.Run] = []
    for run in try await ledger.runs(limit: 1_000) {
      runs.append(RunListing.Run(run, journal: try await ledger.journal(ofRun: run.id)))
    }
    let listing = RunListing(runs: runs, accountNames: Reports.names(try await ledger.accounts()))
    context.output.write(listing.table(width: context.output.terminalWidth ?? 100, color: context.usesColor))
    return .clean
  }

  static let runsShow = Command(
    path: ["runs", "show"], summary: "show one run, action by action",
    options: listOptions.filter { ["--config", "--ledger"].contains($0.name) },
    arguments: [.init(name: "RUN", help: "the run's id, as `reeve runs` lists it")]
  ) { arguments, context in
    let ledger = try LedgerReading.open(arguments, context)
    let id = arguments.positional[0]
    guard let run = try await ledger.run(id) else { throw CommandFailure.usage("\(ApplyError.unknownRun(id))") }
    let listing = RunListing(
      runs: [RunListing.Run(run, journal: try await ledger.journal(ofRun: id))],
      accountNames: Reports.names(try await ledger.accounts()))
    context.output.write(listing.details(width: context.output.terminalWidth ?? 100, color: context.usesColor))
    return .clean
  }

  static let ledgerDump = Command(
    path: ["ledger", "dump"], summary: "print the whole ledger as text, in a stable order",
    options: listOptions.filter { ["--config", "--ledger"].contains($0.name) }
  ) { arguments, context in
    context.output.write(try await LedgerReading.open(arguments, context).dump())
    return .clean
  }
}

/// Commands that only read a ledger.
enum LedgerReading {
  static func open(_ arguments: Arguments, _ context: Context) throws -> SQLiteLedger {
    var path = ReeveConfiguration().ledger
    if let file = arguments.value("--config") {
      guard let bytes = try context.files.contents(of: file) else {
        throw CommandFailure.usage("\(file): no such file")
      }
      path = try ReeveConfiguration.parse(bytes, file: file).ledger
    }
    path = arguments.value("--ledger") ?? path
    guard try context.files.exists(path) else {
      throw CommandFailure.usage("\(path): no ledger here; `reeve sweep` makes one, --ledger names another")
    }
    return try SQLiteLedger(.file(path), lane: try context.lane("ledger"))
  }

  /// What a listing rests on: "no findings" means nothing where nothing was looked at.
  static func lastSweep(_ ledger: SQLiteLedger) async throws -> String {
    guard let sweep = try await ledger.sweeps(limit: 1).first else { return "No sweep is in this ledger yet.\n" }
    let coverage = try await ledger.coverage(ofSweep: sweep.id)
    let gaps = coverage.count { $0.verdict.isGap }
    return "As of sweep \(sweep.id), \(sweep.status.rawValue), \(sweep.startedAt.iso8601): "
      + "\(coverage.count { $0.verdict == .scanned }) scopes scanned, \(gaps) gaps.\n"
  }

  static func print(
    _ arguments: Arguments, _ context: Context, table: (Int, Bool) -> String, json: String, lines: [Document]
  ) throws -> ExitStatus {
    switch arguments.value("--format") ?? "table" {
    case "table": context.output.write(table(context.output.terminalWidth ?? 100, context.usesColor))
    case "json": context.output.write(json)
    case "jsonl": context.output.write(lines.map { $0.json + "\n" }.joined())
    case let other:
      throw UsageError(problems: ["--format \(other): expected table, json or jsonl"], command: "")
    }
    return .clean
  }
}

extension RunListing.Run {
  init(_ run: RunRecord, journal: [JournalEntry]) {
    self.init(
      id: run.id, kind: run.kind.rawValue, subject: run.subject, status: run.status.rawValue,
      startedAt: run.startedAt, finishedAt: run.finishedAt, message: run.message,
      steps: journal.map {
        .init(number: $0.number, action: $0.action, state: $0.state.rawValue, at: $0.at, message: $0.message)
      })
  }
}
