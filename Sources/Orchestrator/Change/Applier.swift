package import Determinism
import Governance

/// What an apply or undo did.
package struct RunOutcome: Sendable, Equatable {
  package var run: RunRecord
  package var entries: [JournalEntry]

  package init(run: RunRecord, entries: [JournalEntry]) {
    self.run = run
    self.entries = entries
  }

  package func count(_ states: JournalEntry.State...) -> Int { entries.count { states.contains($0.state) } }
}

package protocol RunObserver: Sendable {
  func actionEnded(_ entry: JournalEntry, of total: Int)
  func runNoted(_ note: String)
}

/// Applies plans and takes runs back.
///
/// Invariants:
/// 1. Nothing is called that the journal does not show as started.
/// 2. An entry leaves `started` only by what was read from the world, or by AWS's refusal.
/// 3. After an interruption the entries that were under way are settled before anything else is done.
package struct Applier: Sendable {
  private let cloud: any Cloud
  private let ledger: any SweepLedger
  private let clock: any WorldClock
  private let observer: any RunObserver
  private let runner: ActionRunner
  private let holderIsDead: @Sendable (String) -> Bool

  package init(
    cloud: any Cloud, ledger: any SweepLedger, clock: any WorldClock, observer: any RunObserver,
    holderIsDead: @escaping @Sendable (String) -> Bool
  ) {
    self.cloud = cloud
    self.ledger = ledger
    self.clock = clock
    self.observer = observer
    self.holderIsDead = holderIsDead
    runner = ActionRunner(cloud: cloud, ledger: ledger, clock: clock)
  }

  /// Who runs, under which id, within which budgets.
  package struct Setting: Sendable {
    package var runID: String
    package var holder: String
    package var organization: String
    package var budgets: Budgets

    package init(
      runID: String, holder: String, organization: String, budgets: Budgets
    ) {
      self.runID = runID
      self.holder = holder
      self.organization = organization
      self.budgets = budgets
    }
  }

  /// `identity` is the plan's digest: a run of the same plan that was interrupted is gone on with.
  package func apply(
    _ plan: Plan, identity: String, manifests: [PluginManifest], setting: Setting, stop: StopSignal
  ) async throws -> RunOutcome {
    let keeper = keeper("apply", setting, stop)
    return try await keeper.hold {
      let recovery = try await recover(continuing: identity)
      guard plan.organization == setting.organization else {
        throw ApplyError.otherOrganization(plan: plan.organization, caller: setting.organization)
      }
      let problems = PlanGrants(manifests).problems(of: plan)
      guard problems.isEmpty else { throw ApplyError.notGranted(problems) }
      if let run = recovery.run {
        observer.runNoted("going on with run \(run.id), which was interrupted")
        let entries = try await ledger.journal(ofRun: run.id)
        return try await stop.attending { try await proceed(run, entries: entries, setting, stop) }
      }
      let age = clock.now - plan.createdAt
      guard age <= setting.budgets.planMaximumAge else {
        throw ApplyError.stalePlan(age: age, allowed: setting.budgets.planMaximumAge)
      }
      return try await begin(
        RunRecord(id: setting.runID, kind: .apply, subject: identity, startedAt: clock.now),
        actions: plan.actions.enumerated().map { ($0.offset + 1, $0.element) }, done: recovery.done, setting, stop)
    }
  }

  private func keeper(_ purpose: String, _ setting: Setting, _ stop: StopSignal) -> LeaseKeeper {
    LeaseKeeper(
      ledger: ledger, clock: clock, holder: setting.holder, purpose: purpose, stop: stop, holderIsDead: holderIsDead)
  }

  /// Takes back what a run did, last first; `action` names one of its actions.
  package func undo(_ runID: String, action number: Int?, setting: Setting, stop: StopSignal) async throws
    -> RunOutcome
  {
    let keeper = keeper("undo", setting, stop)
    return try await keeper.hold {
      let recovery = try await recover(continuing: runID)
      if let run = recovery.run {
        observer.runNoted("going on with run \(run.id), which was interrupted")
        let entries = try await ledger.journal(ofRun: run.id)
        return try await stop.attending { try await proceed(run, entries: entries, setting, stop) }
      }
      guard let run = try await ledger.run(runID) else { throw ApplyError.unknownRun(runID) }
      guard run.kind == .apply else { throw ApplyError.undoOfUndo(runID) }
      let entries = try await ledger.journal(ofRun: runID)
      if let number, !entries.contains(where: { $0.number == number }) {
        throw ApplyError.unknownAction(number, run: runID)
      }
      let changed = try await changed(entries.filter { number == nil || $0.number == number })
      let inverted = changed.reversed().compactMap { entry in entry.action.inverted.map { (entry.number, $0) } }
      guard !inverted.isEmpty else { throw ApplyError.nothingToUndo(runID) }
      return try await begin(
        RunRecord(id: setting.runID, kind: .undo, subject: runID, startedAt: clock.now), actions: inverted,
        done: recovery.done, setting, stop)
    }
  }

  /// The entries that changed something. A failed one may have, all the same: the world tells.
  private func changed(_ entries: [JournalEntry]) async throws -> [JournalEntry] {
    var changed: [JournalEntry] = []
    var unread: [String] = []
    for entry in entries {
      switch entry.state {
      case .applied, .verified: changed.append(entry)
      case .failed:
        switch await runner.broken(entry.action.verification, of: entry.action) {
        case .success(let broken): if broken.isEmpty { changed.append(entry) }
        case .failure(let reason): unread.append("action \(entry.number), \(entry.action.resource.id): \(reason)")
        }
      case .planned, .started, .skipped, .undone: break
      }
    }
    guard unread.isEmpty else { throw ApplyError.unsettled(unread) }
    return changed
  }

  private struct Recovery {
    /// To go on with.
    var run: RunRecord?
    /// What was settled: it is as these actions want it.
    var done: [Action] = []
  }

  /// Settles what interrupted runs left under way. The run to go on with is the one whose subject is `continuing`.
  private func recover(continuing subject: String) async throws -> Recovery {
    var recovery = Recovery()
    for run in try await ledger.runs(limit: 1_000) where run.status == .running {
      observer.runNoted("run \(run.id) of \(run.startedAt.iso8601) was interrupted; settling what it left under way")
      let entries = try await ledger.journal(ofRun: run.id)
      var open: [String] = []
      for entry in entries where entry.state == .started || entry.state == .applied {
        let settled = try await runner.recover(entry)
        if settled.state == entry.state {
          open.append("action \(entry.number) of run \(run.id), \(entry.action.resource.id): \(settled.message)")
          continue
        }
        observer.actionEnded(settled, of: entries.count)
        try await settle(settled, in: run)
        if settled.state == .verified { recovery.done.append(settled.action) }
      }
      guard open.isEmpty else { throw ApplyError.unsettled(open) }
      for entry in entries where entry.state == .verified { try await settle(entry, in: run) }
      if run.subject == subject, recovery.run == nil {
        recovery.run = run
        continue
      }
      for entry in entries where entry.state == .planned {
        _ = try await runner.record(entry, .skipped, "the run was interrupted before this action")
      }
      try await ledger.finishRun(run.id, status: .stopped, at: clock.now, message: "interrupted")
    }
    return recovery
  }

  private func begin(
    _ run: RunRecord, actions: [(number: Int, action: Action)], done: [Action], _ setting: Setting,
    _ stop: StopSignal
  ) async throws -> RunOutcome {
    let broken = setting.budgets.broken(
      by: actions.map(\.action), changedInLastDay: try await changedInLastDay())
    guard broken.isEmpty else { throw ApplyError.budget(broken) }
    try await checkPreconditions(actions, done: done)
    let now = clock.now
    let entries = actions.map { JournalEntry(run: run.id, number: $0.number, action: $0.action, at: now) }
    try await ledger.beginRun(run, actions: entries)
    return try await stop.attending { try await proceed(run, entries: entries, setting, stop) }
  }

  /// Before anything is changed, all is read once: a plan that the world has left behind is refused whole. What cannot be
  /// read says nothing of the world: it is read once more when its turn comes, and refused alone. What settling an
  /// interrupted run has just done was no stranger's doing: it is skipped when its turn comes.
  private func checkPreconditions(_ actions: [(number: Int, action: Action)], done: [Action]) async throws {
    var changes: [String] = []
    var unread: [String: [Int]] = [:]
    for (number, action) in actions where !followsAnother(action, in: actions) {
      let place = "action \(number), \(action.resource.id) in \(action.resource.account)/\(action.resource.region)"
      switch await runner.broken(action.precondition, of: action) {
      case .success(let broken) where broken.isEmpty: break
      case .success where done.contains { $0.resource == action.resource && $0.call == action.call }:
        observer.runNoted("\(place): done already, by the interrupted run that was settled just now")
      case .success(let broken): changes.append("\(place): \(broken.joined(separator: "; "))")
      case .failure(let reason): unread[ActionRunner.unread(reason, of: action), default: []].append(number)
      }
    }
    guard changes.isEmpty else { throw ApplyError.changedSincePlan(changes) }
    for (reason, numbers) in unread.sorted(by: { $0.value.lexicographicallyPrecedes($1.value) }) {
      let list = numbers.map(String.init).joined(separator: ", ")
      observer.runNoted("\(numbers.count == 1 ? "action" : "actions") \(list): \(reason)")
    }
  }

  /// Is this action's precondition what an earlier action of the same run brings about?
  private func followsAnother(_ action: Action, in actions: [(number: Int, action: Action)]) -> Bool {
    actions.contains { other in
      other.action.resource == action.resource && other.action.verification == action.precondition
    }
  }

  private func changedInLastDay() async throws -> Int {
    let since = clock.now - .seconds(86_400)
    var count = 0
    for run in try await ledger.runs(limit: 10_000) where (run.finishedAt ?? run.startedAt) >= since {
      count += try await ledger.journal(ofRun: run.id).count {
        [.started, .applied, .verified, .undone].contains($0.state) && $0.at >= since
      }
    }
    return count
  }

  private func proceed(_ run: RunRecord, entries: [JournalEntry], _ setting: Setting, _ stop: StopSignal)
    async throws -> RunOutcome
  {
    var entries = entries.filter { $0.state != .undone }
    var tried = 0
    var failed = 0
    var stopped: String?
    let order =
      run.kind == .undo ? entries.indices.sorted { entries[$0].number > entries[$1].number } : Array(entries.indices)
    for position in order where entries[position].state == .planned {
      if stopped == nil, let reason = stop.reason { stopped = reason }
      if let stopped {
        entries[position] = try await runner.record(entries[position], .skipped, "the line was stopped: \(stopped)")
        continue
      }
      entries[position] = try await runner.run(entries[position])
      observer.actionEnded(entries[position], of: entries.count)
      try await settle(entries[position], in: run)
      guard entries[position].state != .skipped else { continue }
      tried += 1
      if entries[position].state == .failed {
        failed += 1
        stopped = reasonToStop(entries[position], failed: failed, tried: tried, setting.budgets)
      }
    }
    return try await finish(run, stopped: stopped)
  }

  private func reasonToStop(_ entry: JournalEntry, failed: Int, tried: Int, _ budgets: Budgets) -> String? {
    if entry.message.hasPrefix(ActionRunner.notVerified) { return "action \(entry.number) was not verified" }
    let rate = Double(failed) / Double(tried)
    return rate > budgets.failureRate
      ? "\(failed) of \(tried) actions failed, budgets.failureRate allows \(budgets.failureRate)" : nil
  }

  /// What an undo has verified is marked in the run that it takes back.
  private func settle(_ entry: JournalEntry, in run: RunRecord) async throws {
    if entry.state == .verified || entry.state == .applied {
      try await ledger.forgetAnswers(in: entry.action.resource.scope, about: entry.action.resource.id)
    }
    guard run.kind == .undo, entry.state == .verified else { return }
    try await ledger.record(
      JournalTransition(
        run: run.subject, number: entry.number, state: .undone, at: clock.now, message: "undone by run \(run.id)"))
  }

  private func finish(_ run: RunRecord, stopped: String?) async throws -> RunOutcome {
    var run = run
    let entries = try await ledger.journal(ofRun: run.id)
    let failed = entries.count { $0.state == .failed }
    run.status = stopped != nil ? .stopped : failed > 0 ? .failed : .complete
    run.finishedAt = clock.now
    run.message = stopped ?? ""
    try await ledger.finishRun(run.id, status: run.status, at: clock.now, message: run.message)
    return RunOutcome(run: run, entries: entries)
  }
}

extension Action {
  /// The action that takes this one back: undo and call, precondition and verification change places.
  var inverted: Action? {
    guard let undo else { return nil }
    var inverse = self
    inverse.summary = "undo: \(summary)"
    inverse.call = undo
    inverse.undo = call
    inverse.precondition = verification
    inverse.verification = precondition
    inverse.before = after
    inverse.after = before
    return inverse
  }
}
