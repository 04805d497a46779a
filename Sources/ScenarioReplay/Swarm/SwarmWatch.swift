import AWSAccess
import AWSWire
import Configuration
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import Synchronization

/// Watches one scenario and holds what Reeve does against what must always be true.
final class SwarmWatch: RunWatcher {
  struct State: Sendable {
    var violations: [SwarmViolation] = []
    var run: ScenarioRun?
    /// Steps under way, by name.
    var active: [String: StepRecord] = [:]
    var history: SwarmHistory?
    /// Of a changing call that is being handled: what it belongs to.
    var change: ChangeUnderWay?
    /// By step: the findings as they were when it began.
    var findings: [String: [Finding]] = [:]
    /// By run: when it began.
    var runsBegan: [String: Timestamp] = [:]
    /// The latest call by somebody without a client that was looked at.
    var lastEvent = -1
    /// How often each action's call succeeded: `run number`.
    var successes: [String: Int] = [:]
  }

  struct ChangeUnderWay: Sendable {
    var step: String
    var entry: JournalEntry?
    var kind: RunRecord.Kind
    var subject: String
    var world: World
  }

  let state = Mutex(State())
  let manifests: [PluginManifest]

  init(manifests: [PluginManifest]) { self.manifests = manifests }

  var violations: [SwarmViolation] { state.withLock { $0.violations } }

  func report(_ invariant: SwarmViolation.Invariant, _ step: String, _ detail: String) {
    state.withLock { $0.violations.append(SwarmViolation(invariant, step: step, detail: detail)) }
  }

  // MARK: Steps

  func begins(_ run: ScenarioRun) async throws {
    let world = run.replay.simulator.world
    let now = run.replay.simulator.now
    state.withLock { state in
      state.run = run
      state.history = SwarmHistory(world, at: now)
    }
  }

  func begins(_ record: StepRecord, of run: ScenarioRun) async throws {
    var findings: [Finding] = []
    if case .sweep = record.step.event {
      findings = try await run.ledger(record.step.ledger).findings(
        matching: FindingQuery(statuses: Finding.Status.allCases))
    }
    state.withLock { [findings] state in
      state.active[record.name] = record
      state.findings[record.name] = findings
    }
  }

  func ended(_ record: StepRecord, of run: ScenarioRun) async throws {
    state.withLock { _ = $0.active.removeValue(forKey: record.name) }
    switch record.step.event {
    case .call:
      note(run, isByOthers: true)
      forgetSuccesses()
    case .sweep: try await SweepInvariants(watch: self, run: run, record: record).check()
    case .apply, .undo: try await ChangeInvariants(watch: self, run: run, record: record).check()
    case .plan, .wait, .faults: break
    }
  }

  func ended(_ run: ScenarioRun) async throws {
    try await ConvergenceInvariant(watch: self, run: run).check()
  }

  /// A new version of the world.
  func note(_ run: ScenarioRun, isByOthers: Bool) {
    let world = run.replay.simulator.world
    let now = run.replay.simulator.now
    state.withLock { $0.history?.append(world, at: now, isByOthers: isByOthers) }
  }

  func history() -> SwarmHistory? { state.withLock { $0.history } }

  // MARK: Calls

  func willHandle(_ call: DirectCall) async throws(CallFailure) {
    let (run, active) = state.withLock { ($0.run, $0.active.values.sorted { $0.name < $1.name }) }
    guard let run else { return }
    let name = "\(call.service):\(call.operation)"
    let step = active.map(\.name).joined(separator: "+")
    if !isGranted(name, to: active) { report(.grantedOnly, step, "called \(name) in \(call.region)") }
    guard Self.isChanging(call) else { return }
    let changing = active.filter(\.isChange)
    guard !changing.isEmpty else {
      report(.changesOnlyItsResource, step, "\(name) outside of any apply or undo")
      return
    }
    do {
      let change = try await started(call, changing, run)
      if change.entry == nil {
        report(.journalFirst, step, "\(name) \(call.parameters.json) in \(call.region) has no started journal entry")
      } else {
        checkPrecondition(of: change, run)
      }
      state.withLock { $0.change = change }
    } catch {
      report(.harness, step, "the journal cannot be read: \(error)")
    }
  }

  func didHandle(_ call: DirectCall, _ result: Result<Document, ServiceError>) async throws(CallFailure) {
    guard let run = state.withLock({ $0.run }) else { return }
    let isByOthers = run.scenario.hasActors && othersActed(run)
    defer { if isByOthers { forgetSuccesses() } }
    if isByOthers || Self.isChanging(call) { note(run, isByOthers: isByOthers) }
    guard Self.isChanging(call) else { return }
    let change = state.withLock { state in
      defer { state.change = nil }
      return state.change
    }
    guard let change else { return }
    // What somebody else did within the same instant cannot be told from what Reeve did.
    if !isByOthers { checkDifference(of: change, to: run.replay.simulator.world) }
    guard case .success = result, let entry = change.entry else { return }
    let key = "\(entry.run) \(entry.number)"
    let count = state.withLock { state in
      state.successes[key, default: 0] += 1
      return state.successes[key, default: 0]
    }
    if count > 1 {
      report(.onlyOnce, change.step, "action \(entry.number) of \(entry.run) was carried out \(count) times")
    }
  }

  /// Who finds undone by somebody else what an interrupted run did, and does it again, does it once more rightly.
  private func forgetSuccesses() { state.withLock { $0.successes = [:] } }

  /// Did somebody without a client change something since this was last asked?
  private func othersActed(_ run: ScenarioRun) -> Bool {
    let seen = state.withLock { $0.lastEvent }
    let events = run.replay.simulator.events(64) { event in
      event.id.number > seen && event.isMutating && event.error == nil && event.accessKeyID.isEmpty
    }
    guard let last = events.first else { return false }
    state.withLock { $0.lastEvent = last.id.number }
    return true
  }

  static func isChanging(_ call: DirectCall) -> Bool {
    !["Describe", "Get", "List", "Lookup", "AssumeRole"].contains { call.operation.hasPrefix($0) }
  }

  /// What Reeve itself needs, and what the plugins at work were granted.
  private func isGranted(_ name: String, to active: [StepRecord]) -> Bool {
    let own: Set = ["sts:AssumeRole", "sts:GetCallerIdentity", "ec2:DescribeRegions"]
    if own.contains(name) { return true }
    if name.hasPrefix("organizations:Describe") || name.hasPrefix("organizations:List") { return true }
    let changes = active.contains(where: \.isChange)
    // A tagger proposes; how the tags are read before and after is Reeve's own.
    if name == "ec2:DescribeTags", changes { return true }
    return manifests.contains { manifest in
      let works = manifest.kinds.contains(.discovery) || changes
      return works && manifest.operations.contains(name)
    }
  }

  /// The entry that a changing call carries out.
  private func started(_ call: DirectCall, _ steps: [StepRecord], _ run: ScenarioRun) async throws -> ChangeUnderWay {
    var change = ChangeUnderWay(
      step: steps[0].name, entry: nil, kind: .apply, subject: "", world: run.replay.simulator.world)
    for step in steps {
      let ledger = try run.ledger(step.step.ledger)
      for record in try await ledger.runs(limit: 100) where record.status == .running {
        for entry in try await ledger.journal(ofRun: record.id) where entry.state == .started {
          let planned = entry.action.call
          guard planned.service == call.service, planned.operation == call.operation,
            planned.parameters == call.parameters, entry.action.resource.region == call.region
          else { continue }
          change.entry = entry
          change.step = step.name
          change.kind = record.kind
          change.subject = record.subject
          return change
        }
      }
    }
    return change
  }
}

extension StepRecord {
  var isChange: Bool {
    switch step.event {
    case .apply, .undo: true
    case .call, .wait, .faults, .sweep, .plan: false
    }
  }
}
