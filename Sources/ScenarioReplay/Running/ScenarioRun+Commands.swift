import AWSAccess
import AWSWire
import Configuration
import Determinism
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import Synchronization

/// What a command writes for a person.
private final class NoteTaker: SweepObserver, RunObserver {
  private let lines = Mutex<[String]>([])

  var notes: [String] { lines.withLock { $0 } }
  func sweepProgressed(_ progress: SweepProgress) {}
  func sweepNoted(_ note: String) { lines.withLock { $0.append(note) } }
  func actionEnded(_ entry: JournalEntry, of total: Int) {}
  func runNoted(_ note: String) { lines.withLock { $0.append(note) } }
}

/// One process of Reeve: its ports, which a crash takes away together.
private struct Process {
  let cloud: any Cloud
  let ledger: any SweepLedger
  let meter: CallMeter
  let point: CrashPoint?
  let holder: String
  let notes = NoteTaker()
}

/// A command that ends with a status because of what it was asked.
private struct Refusal: Error {
  var status: Int
  var text: String
}

extension ScenarioRun {
  /// A step that `reeve` would carry out.
  func command(_ record: inout StepRecord) async {
    let process: Process
    do { process = try begin(record) } catch {
      record.exit = .status(4)
      record.error = "\(error)"
      return
    }
    do {
      record.exit = .status(try await carryOut(process, &record))
    } catch let refusal as Refusal {
      record.exit = .status(refusal.status)
      record.error = refusal.text
    } catch {
      record.exit = .status(status(of: error))
      record.error = "\(error)"
    }
    record.warnings = process.notes.notes
    record.callCounts = process.meter.reading.calls
    guard let point = process.point else { return }
    record.boundaries = point.passed
    if point.hasCrashed {
      // What a dead process would have said nobody hears.
      record.exit = .crashed
      record.error = nil
      if record.step.crash?.losesMachine == false { died(process.holder) }
    }
  }

  /// A plan or an undo that is refused has changed nothing: 2. What fails ends with 4.
  private func status(of error: any Error) -> Int {
    switch error {
    case is ApplyError, is PlanError, SweepError.unknownChecks: 2
    default: 4
    }
  }

  private func begin(_ record: StepRecord) throws -> Process {
    let configuration = scenario.reeve.configuration
    let region = Self.region(scenario)
    let cloud = replay.newCloud(
      CloudSettings(
        region: region, partition: Partition(region: region), chain: configuration.chain, endpoints: .standard,
        limits: configuration.limits.callLimits, organization: configuration.organizationSource,
        sessionCacheSize: max(256, configuration.limits.concurrency * 2)))
    var ports: (cloud: any Cloud, ledger: any SweepLedger) = (cloud, try ledger(record.step.ledger))
    if let decoration = setting.ports {
      ports = (decoration.cloud(ports.cloud), decoration.ledger(ports.ledger))
    }
    let holder = "scenario \(record.name)"
    let point = record.step.crash.map { CrashPoint(at: $0.boundary) }
    if let point {
      ports = (CrashingCloud(ports.cloud, point: point), CrashingLedger(ports.ledger, point: point))
    }
    return Process(cloud: ports.cloud, ledger: ports.ledger, meter: cloud.meter, point: point, holder: holder)
  }

  private func carryOut(_ process: Process, _ record: inout StepRecord) async throws -> Int {
    switch record.step.event {
    case .sweep(let event): return try await sweep(event, process, &record)
    case .plan(let event): return try await plan(event, process, &record)
    case .apply(let event):
      guard let plan = plan(of: event.plan) else {
        throw Refusal(status: 2, text: "no plan to apply: the step that makes it did not")
      }
      return try await change(process, &record) { applier, setting in
        try await applier.apply(
          plan, identity: plan.identity(digest: Digest.sha256Hex), manifests: self.setting.catalog.manifests,
          setting: setting, stop: StopSignal())
      }
    case .undo(let event):
      guard let apply = apply(of: event.apply) else {
        throw Refusal(status: 2, text: "no run to undo: the step that applies did not")
      }
      return try await change(process, &record) { applier, setting in
        try await applier.undo(apply.run, action: event.action, setting: setting, stop: StopSignal())
      }
    case .call, .wait, .faults: return 0
    }
  }

  // MARK: Sweeps

  private func sweep(_ event: SweepEvent, _ process: Process, _ record: inout StepRecord) async throws -> Int {
    let options = try options(event, process, record)
    let sweeper = Sweeper(
      cloud: process.cloud, catalog: setting.catalog, ledger: process.ledger, clock: replay.executor,
      observer: process.notes, holderIsDead: { [self] in isDead($0) })
    let outcome = try await sweeper.run(options, stop: StopSignal())
    record.sweepRecord = outcome.record
    let coverage = try await process.ledger.coverage(ofSweep: outcome.record.id)
    let conclusion = SweepConclusion(
      findings: try await process.ledger.findings(matching: FindingQuery(checks: outcome.record.checks)),
      coverage: coverage, notEvaluated: try await process.ledger.notEvaluated(ofSweep: outcome.record.id))
    return switch conclusion.ending(failOn: event.failOn ?? scenario.reeve.configuration.failOn) {
    case .clean: 0
    case .findings: 1
    case .gap: 3
    }
  }

  private func options(_ event: SweepEvent, _ process: Process, _ record: StepRecord) throws -> SweepOptions {
    let configuration = scenario.reeve.configuration
    func rules(_ key: String, _ patterns: [String]) -> [SelectionRule] {
      patterns.map { SelectionRule(key: key, pattern: $0) }
    }
    var regions = configuration.regions
    if !event.regions.isEmpty { regions.include = rules("regions", event.regions) }
    var accounts = configuration.accountSelection
    if !event.accounts.isEmpty {
      let ids = event.accounts.map { replay.simulator.world.accountID(named: $0) ?? $0 }
      accounts.include = AccountSelection.Rules(accounts: rules("accounts", ids))
    }
    return SweepOptions(
      id: "sweep-\(record.name)", holder: process.holder, checks: try checks(event), accounts: accounts,
      regions: regions, trusted: configuration.trusted,
      pluginConfigurations: configuration.plugins.configurations.merging(event.pluginConfigurations) { $1 },
      concurrency: event.concurrency ?? configuration.limits.concurrency,
      maximumDuration: event.maximumDuration ?? configuration.limits.maximumDuration,
      answersMaximumAge: event.maximumAge ?? configuration.limits.launchPermissionsMaximumAge,
      resumes: event.resumes, homeRegion: Self.region(scenario), missing: setting.missing)
  }

  private func checks(_ event: SweepEvent) throws -> [String] {
    var selection = scenario.reeve.configuration.checks
    if !event.checks.isEmpty {
      selection.include = event.checks.map { SelectionRule(key: "checks", pattern: $0) }
    }
    let known = setting.catalog.manifests.flatMap { $0.checks.map(\.id) }.sorted()
    let unknown = (selection.include + selection.exclude).filter { rule in !known.contains { rule.matches($0) } }
    guard unknown.isEmpty else {
      throw Refusal(
        status: 2,
        text: unknown.map {
          "\($0.place): no check \"\($0.pattern)\"; \(SourceReader.suggestion(for: $0.pattern, among: known))"
        }.joined(separator: "; "))
    }
    return known.filter { selection.exclusion(of: $0) == nil }
  }

  // MARK: Changes

  private func organization(_ process: Process) async throws -> Organization {
    let caller: CallerIdentity
    do { caller = try await process.cloud.callerIdentity() } catch {
      throw Refusal(status: 4, text: "the caller's credentials cannot be used: \(error)")
    }
    let (organization, failure) = await Orchestrator.OrganizationReader(cloud: process.cloud).read(caller)
    if let failure { process.notes.runNoted("the organization could not be listed: \(failure)") }
    return organization
  }

  private func plan(_ event: PlanEvent, _ process: Process, _ record: inout StepRecord) async throws -> Int {
    let configuration = scenario.reeve.configuration
    let organization = try await organization(process)
    let accounts = event.accounts.map { replay.simulator.world.accountID(named: $0) ?? $0 }
    let plan = try await Planner(catalog: setting.catalog, ledger: process.ledger, clock: replay.executor).plan(
      PlanScope(checks: event.checks, accounts: accounts, resources: event.resources), organization: organization,
      trusted: configuration.trusted, pluginConfigurations: configuration.plugins.configurations)
    record.plan = plan
    keep(plan, of: record.step.name)
    return 0
  }

  private func change(
    _ process: Process, _ record: inout StepRecord,
    _ body: (Applier, Applier.Setting) async throws -> RunOutcome
  ) async throws -> Int {
    let organization = try await organization(process)
    let applier = Applier(
      cloud: process.cloud, ledger: process.ledger, clock: replay.executor, observer: process.notes,
      holderIsDead: { [self] in isDead($0) })
    let setting = Applier.Setting(
      runID: "run-\(record.name)", holder: process.holder, organization: organization.id,
      budgets: scenario.reeve.configuration.budgets.orchestrated)
    // Known before it ends: a run that Reeve dies in is there all the same.
    keep(run: setting.runID, ledger: record.step.ledger, of: record.step)
    record.run = setting.runID
    let outcome = try await body(applier, setting)
    keep(run: outcome.run.id, ledger: record.step.ledger, of: record.step)
    record.run = outcome.run.id
    return outcome.count(.verified) == outcome.entries.count ? 0 : 1
  }
}
