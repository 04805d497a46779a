import AWSAccess
import AWSWire
import Configuration
import Determinism
import Governance
import Ledger
import Orchestrator
import PluginHost
import Reporting

extension Command {
  static let plan = Command(
    path: ["plan"], summary: "write a plan that would close open findings; changes nothing",
    discussion: """
      The plan holds the exact calls, what must still be true before each, what undoes it and how it is verified. It is
      made from the ledger's open findings; `reeve apply` reads the world again before each call.
      """,
    options: Settings.options + [
      .init(name: "--check", value: "ID", help: "only findings of this check", repeats: true),
      .init(name: "--account", value: "ID", help: "only in this account", repeats: true),
      .init(name: "--image", value: "ID", help: "only this resource", repeats: true),
      .init(name: "--output", value: "FILE", help: "where the plan is written. Default: reeve.plan.json"),
    ]
  ) { arguments, context in
    let work = try await ChangeCommand.prepare(arguments, context)
    let host = try Plugins.load(work.settings, context, replaying: false, ledger: work.settings.ledgerPath)
    let planner = Planner(catalog: host, ledger: work.ledger, clock: context.clock)
    let plan: Plan
    do {
      plan = try await planner.plan(
        PlanScope(
          checks: arguments.values("--check"), accounts: arguments.values("--account"),
          resources: arguments.values("--image")), organization: work.organization,
        trusted: work.settings.configuration.trusted,
        pluginConfigurations: work.settings.configuration.plugins.configurations)
    } catch let error as PlanError {
      throw CommandFailure(status: .usage, description: error.description)
    }
    let path = arguments.value("--output") ?? "reeve.plan.json"
    try context.files.replace(path, with: Array(plan.file(digest: Digest.sha256Hex).utf8), mode: 0o600)
    let names = Reports.names(work.organization.accounts)
    context.output.write(
      PlanDiff(actions: plan.actions, accountNames: names).table(
        width: context.output.terminalWidth ?? 100, color: context.usesColor))
    if !plan.leftToPeople.isEmpty {
      context.output.write("\nLeft to a person:\n" + plan.leftToPeople.map { "  \($0)\n" }.joined())
    }
    context.output.write("\n\(plan.actions.count) actions written to \(path); `reeve apply \(path)` carries them out\n")
    return .clean
  }

  static let apply = Command(
    path: ["apply"], summary: "carry out a plan, action by action, each verified",
    discussion: """
      Refuses an altered or stale plan. Reads every precondition again, writes the journal before each call, reads back
      what it did, and stops the line at a failed verification or a broken budget. Killed at any instant, the next apply
      settles what was under way first. Exit status: 0 all verified, 1 some skipped or failed, 2 refused, 4 failed.
      """,
    options: Settings.options + [.init(name: "--yes", help: "do not ask; for automation")],
    arguments: [.init(name: "PLAN", help: "the file that `reeve plan` wrote")]
  ) { arguments, context in
    let path = arguments.positional[0]
    guard let bytes = try context.files.contents(of: path) else {
      throw CommandFailure.usage("\(path): no such file; `reeve plan` writes one")
    }
    let plan: Plan
    do { plan = try Plan(file: bytes, digest: Digest.sha256Hex) } catch {
      throw CommandFailure.usage("\(path): \(error)")
    }
    let work = try await ChangeCommand.prepare(arguments, context)
    let host = try Plugins.load(work.settings, context, replaying: true)
    guard !plan.actions.isEmpty else {
      context.output.write("the plan has no actions\n")
      return .clean
    }
    try work.confirm("apply \(plan.actions.count) actions of \(path)")
    return try await work.report {
      try await work.applier.apply(
        plan, identity: plan.identity(digest: Digest.sha256Hex), manifests: host.manifests,
        setting: work.setting("run"), stop: context.interrupt)
    }
  }

  static let undo = Command(
    path: ["undo"], summary: "take back what a run did, last action first",
    discussion: """
      Restores exactly what was there: each action's undo is called only while the world is still as Reeve left it.
      """,
    options: Settings.options + [
      .init(name: "--action", value: "N", help: "only this action of the run"),
      .init(name: "--yes", help: "do not ask; for automation"),
    ], arguments: [.init(name: "RUN", help: "the run's id, as `reeve runs` lists it")]
  ) { arguments, context in
    let number = try arguments.parsed("--action", expected: "an action's number") { Int($0) }
    let work = try await ChangeCommand.prepare(arguments, context)
    let run = arguments.positional[0]
    try work.confirm("undo \(number.map { "action \($0) of " } ?? "")run \(run)")
    return try await work.report {
      try await work.applier.undo(run, action: number, setting: work.setting("run"), stop: context.interrupt)
    }
  }
}

/// What plan, apply and undo begin with.
private struct ChangeCommand {
  let arguments: Arguments
  let context: Context
  let settings: Settings
  let organization: Organization
  let ledger: SQLiteLedger
  let applier: Applier

  static func prepare(_ arguments: Arguments, _ context: Context) async throws -> ChangeCommand {
    let settings = try Settings.load(arguments, context)
    guard try context.files.exists(settings.ledgerPath) else {
      throw CommandFailure.usage("\(settings.ledgerPath): no ledger here; `reeve sweep` makes one")
    }
    let (cloud, _) = try Connection.open(settings, context)
    let caller: CallerIdentity
    do {
      caller = try await cloud.callerIdentity()
    } catch {
      throw CommandFailure.failed("the caller's credentials cannot be used: \(error)")
    }
    let (organization, failure) = await OrganizationReader(cloud: cloud).read(caller)
    if let failure { context.errors.write("reeve: the organization could not be listed: \(failure)\n") }
    let ledger = try SQLiteLedger(.file(settings.ledgerPath), lane: try context.lane("ledger"))
    let applier = Applier(
      cloud: cloud, ledger: ledger, clock: context.clock, observer: RunProgress(output: context.errors),
      holderIsDead: context.holderIsDead)
    return ChangeCommand(
      arguments: arguments, context: context, settings: settings, organization: organization, ledger: ledger,
      applier: applier)
  }

  func setting(_ kind: String) -> Applier.Setting {
    Applier.Setting(
      runID: Identifiers.new(kind, at: context.clock.now, seed: context.seed), holder: context.holder,
      organization: organization.id, budgets: settings.budgets)
  }

  /// Asks on a terminal; without one, --yes is needed.
  func confirm(_ what: String) throws {
    if arguments.flag("--yes") { return }
    guard let answer = context.ask("\(what)? [y/N] ") else {
      throw CommandFailure.usage("refusing to \(what) without a terminal to ask on; --yes says it is meant")
    }
    guard ["y", "yes"].contains(answer.lowercased()) else { throw CommandFailure.usage("nothing was changed") }
  }

  func report(_ run: () async throws -> RunOutcome) async throws -> ExitStatus {
    let outcome: RunOutcome
    do {
      outcome = try await run()
    } catch let error as ApplyError {
      throw CommandFailure.usage(error.description)
    }
    let listing = RunListing(
      runs: [RunListing.Run(outcome.run, journal: outcome.entries)], accountNames: Reports.names(organization.accounts))
    context.output.write(listing.details(width: context.output.terminalWidth ?? 100, color: context.usesColor))
    let done = outcome.count(.verified)
    context.output.write(
      "run \(outcome.run.id) \(outcome.run.status.rawValue): \(done) of \(outcome.entries.count) actions verified"
        + (outcome.run.kind == .apply && done > 0 ? "; `reeve undo \(outcome.run.id)` takes them back\n" : "\n"))
    return done == outcome.entries.count ? .clean : .findings
  }
}

private struct RunProgress: RunObserver {
  let output: any TextOutput

  func actionEnded(_ entry: JournalEntry, of total: Int) {
    let message = entry.message.isEmpty ? "" : ": \(entry.message)"
    output.write("action \(entry.number) of \(total) \(entry.state.rawValue): \(entry.action.summary)\(message)\n")
  }
  func runNoted(_ note: String) { output.write("reeve: \(note)\n") }
}
