import EC2Simulator
import Governance
import Ledger
import Orchestrator
import Synchronization

// What holds of each single change.
extension SwarmWatch {
  /// Some time since its run began, what the action rests on was so.
  func checkPrecondition(of change: ChangeUnderWay, _ run: ScenarioRun) {
    guard let entry = change.entry, entry.action.call.operation == "ModifyImageAttribute",
      let history = history()
    else { return }
    let now = run.replay.simulator.now
    let began = (state.withLock { $0.active[change.step]?.started } ?? now) - run.scenario.staleness
    let resource = entry.action.resource
    let wantsPublic = entry.action.call.parameters["LaunchPermission"]?["Remove"] != nil
    let held = history.seen(from: began, to: now).contains { version in
      version.world.state(of: resource.scope).images[resource.id]?.isPublic == wantsPublic
    }
    if !held {
      report(
        .preconditionHeld, change.step,
        "\(entry.action.summary): the image was never \(wantsPublic ? "public" : "private") while the run was under way"
      )
    }
  }

  /// Only the action's own resource, only what it names, and never more access than before, unless it is given back.
  func checkDifference(of change: ChangeUnderWay, to after: World) {
    guard let entry = change.entry else { return }
    let own = entry.action.resource
    for scope in Self.scopes(of: change.world) {
      let old = change.world.state(of: scope)
      let new = after.state(of: scope)
      for id in Set(old.imageIDs).union(new.imageIDs).sorted() where old.images[id] != new.images[id] {
        guard scope == own.scope, id == own.id, let before = old.images[id], let now = new.images[id] else {
          report(.changesOnlyItsResource, change.step, "\(entry.action.summary) changed \(id) in \(scope)")
          continue
        }
        check(change, entry, before: before, now: now)
      }
      for id in Set(old.snapshotIDs).union(new.snapshotIDs).sorted() where old.snapshots[id] != new.snapshots[id] {
        report(.changesOnlyItsResource, change.step, "\(entry.action.summary) changed \(id) in \(scope)")
      }
      if old.imageBlockPublicAccess != new.imageBlockPublicAccess
        || old.snapshotBlockPublicAccess != new.snapshotBlockPublicAccess
      {
        report(.changesOnlyItsResource, change.step, "\(entry.action.summary) changed settings of \(scope)")
      }
    }
  }

  private func check(_ change: ChangeUnderWay, _ entry: JournalEntry, before: WorldImage, now: WorldImage) {
    var rest = now
    rest.sharedWith = before.sharedWith
    rest.tags = before.tags
    if rest != before {
      report(.changesOnlyItsResource, change.step, "\(entry.action.summary) changed more than shares and tags")
    }
    let added = now.sharedWith.filter { !before.sharedWith.contains($0) }
    guard !added.isEmpty else { return }
    let isGivenBack =
      change.kind == .undo && added.allSatisfy { wasShared(with: $0, image: now, before: change.subject) }
    if !isGivenBack {
      report(
        .neverWidens, change.step,
        "\(entry.action.summary) shared \(now.id) with \(added.map(\.text).joined(separator: ", "))")
    }
  }

  /// Was it so when the run began that is now undone?
  private func wasShared(with grantee: Grantee, image: WorldImage, before run: String) -> Bool {
    guard let history = history(), let began = state.withLock({ $0.runsBegan[run] }) else { return false }
    return history.seen(from: began, to: began).contains {
      $0.world.state(of: image.scope).images[image.id]?.sharedWith.contains(grantee) == true
    }
  }

  static func scopes(of world: World) -> [Scope] {
    world.accountIDs.flatMap { account in
      world.regions.map { Scope(account: account, region: $0.name) }
    }
  }
}

/// What holds when an apply or an undo has ended.
struct ChangeInvariants {
  let watch: SwarmWatch
  let run: ScenarioRun
  let record: StepRecord

  func check() async throws {
    guard let id = record.run else { return }
    let ledger = try run.ledger(record.step.ledger)
    guard let row = try await ledger.run(id) else { return }
    watch.state.withLock { state in
      if state.runsBegan[id] == nil { state.runsBegan[id] = row.startedAt }
    }
    guard record.exit != .crashed, row.status != .running else { return }
    let entries = try await ledger.journal(ofRun: id)
    for entry in entries where [.planned, .started, .applied].contains(entry.state) {
      watch.report(
        .settledRuns, record.name, "\(id) is \(row.status.rawValue), its action \(entry.number) \(entry.state.rawValue)"
      )
    }
    guard let history = watch.history() else { return }
    if run.scenario.staleness == .zero, !history.othersChanged(from: record.started, to: record.ended) {
      for entry in entries where entry.state == .verified { checkVerified(entry) }
    }
    if row.kind == .undo, row.status == .complete, entries.allSatisfy({ $0.state == .verified }) {
      try await checkRestored(row, ledger, history)
    }
  }

  private func checkVerified(_ entry: JournalEntry) {
    guard entry.action.call.operation == "ModifyImageAttribute" else { return }
    let resource = entry.action.resource
    let isPublic = run.replay.simulator.world.state(of: resource.scope).images[resource.id]?.isPublic ?? false
    let removes = entry.action.call.parameters["LaunchPermission"]?["Remove"] != nil
    if isPublic == removes {
      watch.report(
        .verifiedIsTrue, record.name,
        "\(entry.action.summary) is verified, and \(resource.id) is \(isPublic ? "public" : "private")")
    }
  }

  /// The images that the applied run changed, as they were before it, whoever else came meanwhile left aside.
  private func checkRestored(_ row: RunRecord, _ ledger: any SweepLedger, _ history: SwarmHistory) async throws {
    guard let began = watch.state.withLock({ $0.runsBegan[row.subject] }), record.step.isWholeUndo else { return }
    // What others did shortly before may not have been visible to the apply.
    guard !history.othersChanged(from: began - run.scenario.staleness, to: record.ended) else { return }
    guard let before = history.seen(from: began, to: began).first?.world else { return }
    for entry in try await ledger.journal(ofRun: row.subject) {
      let resource = entry.action.resource
      let was = before.state(of: resource.scope).images[resource.id]
      let now = run.replay.simulator.world.state(of: resource.scope).images[resource.id]
      guard let was, let now else { continue }
      let differs = Set(was.sharedWith.map(\.text)) != Set(now.sharedWith.map(\.text)) || was.tags != now.tags
      if differs {
        watch.report(
          .undoRestores, record.name,
          "\(resource.id) was shared with \(was.sharedWith.map(\.text)) and tagged \(was.tags), now "
            + "\(now.sharedWith.map(\.text)) and \(now.tags)")
      }
    }
  }
}

extension ScenarioStep {
  fileprivate var isWholeUndo: Bool {
    if case .undo(let event) = event { event.action == nil } else { false }
  }
}
