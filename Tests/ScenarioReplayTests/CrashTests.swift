import AWSAccess
import Determinism
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import PluginHost
import Testing

@testable import ScenarioReplay

/// Reeve dies at every boundary between it and its ports, and the next command finishes what was begun.
struct CrashTests {
  static func world() throws -> World {
    try TestWorld.yaml(
      """
      version: 1
      seed: 11
      regions: [eu-west-1]
      organization: { management: "100000000001" }
      defaults: { imageBlockPublicAccess: unblocked }
      accounts:
        - { id: "100000000001", name: root }
        - id: "100000000002"
          name: one
          images:
            - { id: ami-00000000000000a01, region: eu-west-1, name: a1, tags: { Owner: x }, sharedWith: [all] }
            - { id: ami-00000000000000a02, region: eu-west-1, name: a2, tags: { Owner: x }, sharedWith: ["100000000003", all] }
            - { id: ami-00000000000000a03, region: eu-west-1, name: a3, tags: { owner: x } }
        - id: "100000000003"
          name: two
          images:
            - { id: ami-00000000000000b01, region: eu-west-1, name: b1, tags: { Owner: x }, sharedWith: [all] }
      """)
  }

  /// Five actions: three images made private, and a tag renamed in two steps.
  static func plan() throws -> Plan {
    let replay = try Replay.of(try world(), region: "eu-west-1")
    try replay.sweep(Replay.options(homeRegion: "eu-west-1"))
    let plan = try replay.run {
      let caller = try await replay.cloud.callerIdentity()
      let (organization, _) = await OrganizationReader(cloud: replay.cloud).read(caller)
      return try await Planner(catalog: replay.catalog, ledger: replay.ledger, clock: replay.executor).plan(
        PlanScope(), organization: organization, trusted: [], pluginConfigurations: [:])
    }
    #expect(plan.actions.count == 5)
    return plan
  }

  static func applier(_ replay: Replay, _ point: CrashPoint) -> Applier {
    Applier(
      cloud: CrashingCloud(replay.cloud, point: point), ledger: CrashingLedger(replay.ledger, point: point),
      clock: replay.executor, observer: SilentObserver(), holderIsDead: { _ in false })
  }

  static func setting(_ id: String, _ plan: Plan) -> Applier.Setting {
    Applier.Setting(
      runID: id, holder: "test \(id)", organization: plan.organization,
      budgets: Budgets(
        actionsPerRun: 10, actionsPerAccount: 10, actionsPerDay: 100, failureRate: 0.1,
        planMaximumAge: .seconds(86_400)))
  }

  /// Runs a command that dies at the boundary; afterwards the dead holder's lease has expired.
  private static func dying(
    _ replay: Replay, at boundary: Int?, _ body: @escaping @Sendable (Applier) async throws -> Void
  )
    throws -> CrashPoint
  {
    let point = CrashPoint(at: boundary)
    do {
      try replay.run { try await body(applier(replay, point)) }
    } catch  where point.hasCrashed {
      // What a dead process throws nobody sees.
    }
    replay.executor.advance(to: replay.executor.now + LeaseKeeper.duration + .seconds(1))
    return point
  }

  static func changes(_ replay: Replay) -> [Int] {
    ["ModifyImageAttribute", "CreateTags", "DeleteTags"].map {
      replay.simulator.calls.count(of: "ec2:\($0)", result: "OK")
    }
  }

  private static func unsettled(_ replay: Replay) throws -> [String] {
    try replay.run {
      var found: [String] = []
      for run in try await replay.ledger.runs(limit: 100) {
        if run.status == .running { found.append("\(run.id) is running") }
        for entry in try await replay.ledger.journal(ofRun: run.id)
        where [.planned, .started, .applied].contains(entry.state) {
          found.append("\(run.id) \(entry.number) is \(entry.state)")
        }
      }
      return found
    }
  }

  @Test("an apply that dies at any boundary is finished by the next one: nothing is lost, nothing is done twice")
  func apply() throws {
    let plan = try Self.plan()
    let whole = try Replay.of(try Self.world(), region: "eu-west-1")
    let boundaries = try Self.dying(whole, at: nil) { applier in
      _ = try await applier.apply(
        plan, identity: "plan-1", manifests: ShippedPlugins.host.manifests, setting: Self.setting("run-1", plan),
        stop: StopSignal())
    }.passed
    let expected = whole.simulator.worldDump()
    let calls = Self.changes(whole)
    #expect(boundaries > 100)
    #expect(calls == [3, 1, 1])
    for boundary in 1...boundaries {
      let replay = try Replay.of(try Self.world(), region: "eu-west-1")
      let point = try Self.dying(replay, at: boundary) { applier in
        _ = try await applier.apply(
          plan, identity: "plan-1", manifests: ShippedPlugins.host.manifests, setting: Self.setting("run-1", plan),
          stop: StopSignal())
      }
      #expect(point.hasCrashed, "boundary \(boundary)")
      do {
        _ = try replay.run {
          try await Self.applier(replay, CrashPoint(at: nil)).apply(
            plan, identity: "plan-1", manifests: ShippedPlugins.host.manifests, setting: Self.setting("run-2", plan),
            stop: StopSignal())
        }
      } catch ApplyError.changedSincePlan {
        // The first one had finished before it died: a second apply of the same plan is refused.
      }
      #expect(replay.simulator.worldDump() == expected, "boundary \(boundary)")
      #expect(Self.changes(replay) == calls, "boundary \(boundary)")
      #expect(try Self.unsettled(replay) == [], "boundary \(boundary)")
    }
  }

  @Test("an undo that dies at any boundary is finished by the next one, and the world is as it was before the apply")
  func undo() throws {
    let plan = try Self.plan()
    let before = try Replay.of(try Self.world(), region: "eu-west-1").simulator.worldDump()
    func applied() throws -> Replay {
      let replay = try Replay.of(try Self.world(), region: "eu-west-1")
      _ = try Self.dying(replay, at: nil) { applier in
        _ = try await applier.apply(
          plan, identity: "plan-1", manifests: ShippedPlugins.host.manifests, setting: Self.setting("run-1", plan),
          stop: StopSignal())
      }
      return replay
    }
    let undoing: @Sendable (String) -> @Sendable (Applier) async throws -> Void = { id in
      { applier in
        _ = try await applier.undo("run-1", action: nil, setting: Self.setting(id, plan), stop: StopSignal())
      }
    }
    let whole = try applied()
    let boundaries = try Self.dying(whole, at: nil, undoing("run-2")).passed
    #expect(whole.simulator.worldDump() == before)
    #expect(Self.changes(whole) == [6, 2, 2])
    for boundary in 1...boundaries {
      let replay = try applied()
      _ = try Self.dying(replay, at: boundary, undoing("run-2"))
      do {
        try replay.run { try await undoing("run-3")(Self.applier(replay, CrashPoint(at: nil))) }
      } catch ApplyError.nothingToUndo {
        // The first one had finished before it died.
      }
      #expect(replay.simulator.worldDump() == before, "boundary \(boundary)")
      #expect(Self.changes(replay) == [6, 2, 2], "boundary \(boundary)")
      #expect(try Self.unsettled(replay) == [], "boundary \(boundary)")
    }
  }

  @Test("somebody publishes an image again while it is being closed: the line stops at the failed verification")
  func republished() throws {
    let plan = try Self.plan()
    let replay = try Replay.of(try Self.world(), region: "eu-west-1")
    // A ledger hook would hide it: the other actor works on the world itself, after each of our calls.
    let republisher = Republisher(replay.cloud) { [simulator = replay.simulator] in
      simulator.change { world in
        let scope = Scope(account: "100000000002", region: "eu-west-1")
        guard var image = world.state(of: scope).images["ami-00000000000000a01"], !image.isPublic else { return }
        image.sharedWith.append(.everyone)
        world.put(image)
      }
    }
    let outcome = try replay.run {
      try await Applier(
        cloud: republisher, ledger: replay.ledger, clock: replay.executor, observer: SilentObserver(),
        holderIsDead: { _ in false }
      ).apply(
        plan, identity: "plan-1", manifests: ShippedPlugins.host.manifests, setting: Self.setting("run-1", plan),
        stop: StopSignal())
    }
    #expect(outcome.run.status == .stopped)
    #expect(outcome.entries.map(\.state) == [.failed, .skipped, .skipped, .skipped, .skipped])
    #expect(outcome.entries[0].message.contains("not verified"))
  }

  @Test("a budget that is broken stops everything before the first call")
  func budget() throws {
    let plan = try Self.plan()
    let replay = try Replay.of(try Self.world(), region: "eu-west-1")
    var setting = Self.setting("run-1", plan)
    setting.budgets.actionsPerAccount = 3
    let narrow = setting
    #expect(throws: ApplyError.budget(["4 actions in account 100000000002, budgets.actionsPerAccount allows 3"])) {
      try replay.run {
        try await Self.applier(replay, CrashPoint(at: nil)).apply(
          plan, identity: "plan-1", manifests: ShippedPlugins.host.manifests, setting: narrow, stop: StopSignal())
      }
    }
    #expect(Self.changes(replay) == [0, 0, 0])
  }

  @Test("a plan that the world has left behind is refused whole, and nothing is changed")
  func stale() throws {
    let plan = try Self.plan()
    let replay = try Replay.of(try Self.world(), region: "eu-west-1")
    _ = try Self.dying(replay, at: nil) { applier in
      _ = try await applier.apply(
        plan, identity: "plan-1", manifests: ShippedPlugins.host.manifests, setting: Self.setting("run-1", plan),
        stop: StopSignal())
    }
    let after = Self.changes(replay)
    #expect {
      try replay.run {
        try await Self.applier(replay, CrashPoint(at: nil)).apply(
          plan, identity: "plan-1", manifests: ShippedPlugins.host.manifests, setting: Self.setting("run-2", plan),
          stop: StopSignal())
      }
    } throws: { error in
      if case ApplyError.changedSincePlan(let changes)? = error as? ApplyError { return changes.count >= 4 }
      return false
    }
    #expect(Self.changes(replay) == after)
    replay.executor.advance(to: replay.executor.now + .seconds(2 * 86_400))
    #expect {
      try replay.run {
        try await Self.applier(replay, CrashPoint(at: nil)).apply(
          plan, identity: "plan-2", manifests: ShippedPlugins.host.manifests, setting: Self.setting("run-3", plan),
          stop: StopSignal())
      }
    } throws: { error in
      if case ApplyError.stalePlan? = error as? ApplyError { return true }
      return false
    }
  }
}

/// Another actor who changes the world right after each changing call of ours.
private struct Republisher: Cloud {
  let cloud: any Cloud
  let act: @Sendable () -> Void

  init(_ cloud: any Cloud, act: @escaping @Sendable () -> Void) {
    self.cloud = cloud
    self.act = act
  }

  var meter: CallMeter { cloud.meter }
  func callerIdentity() async throws(FailureReason) -> CallerIdentity { try await cloud.callerIdentity() }
  func organization() async throws(FailureReason) -> Organization { try await cloud.organization() }
  func session(account: String, permissions: SessionPermissions) async throws(FailureReason) -> any CloudSession {
    Session(session: try await cloud.session(account: account, permissions: permissions), act: act)
  }

  private struct Session: CloudSession {
    let session: any CloudSession
    let act: @Sendable () -> Void

    func perform(_ call: APICall, in region: String) async throws(FailureReason) -> CloudPage {
      let page = try await session.perform(call, in: region)
      if call.operation == "ModifyImageAttribute" { act() }
      return page
    }
  }
}
