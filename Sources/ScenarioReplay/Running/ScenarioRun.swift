import AWSAccess
import AWSWire
import Configuration
import Determinism
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import Synchronization

/// One scenario under one schedule seed.
///
/// Invariants:
/// 1. All steps share one world and one clock; each works on the ledger that it names.
/// 2. Each command of Reeve is a process of its own: new sessions, new budgets, nothing remembered but the ledger.
/// 3. What is expected of a step is looked at when it ends, before a step that waits for it begins.
final class ScenarioRun: Sendable {
  private struct State {
    var records: [StepRecord] = []
    var failures: [ScenarioFailure] = []
    /// By step name; under `""` the latest.
    var plans: [String: Plan] = [:]
    /// By step name; under `""` the latest: the run, and the ledger that it stands in.
    var applies: [String: (run: String, ledger: String)] = [:]
    var runs: [String: (run: String, ledger: String)] = [:]
    var deadHolders: Set<String> = []
    /// What the timeline's actors called.
    var actorCalls: [CallRecord.Key: Int] = [:]
    /// By step name: the world's dump at its end.
    var worlds: [String: Document] = [:]
    var ledgers: [String: SQLiteLedger] = [:]
  }

  let scenario: Scenario
  let replay: Replay
  let setting: ScenarioRunner.Setting
  let watcher: (any RunWatcher)?
  /// Steps whose world is compared with later on.
  private let remembered: Set<String>
  private let state = Mutex(State())

  init(_ scenario: Scenario, _ setting: ScenarioRunner.Setting) throws {
    self.scenario = scenario
    self.setting = setting
    let configuration = scenario.reeve.configuration
    watcher = setting.makeWatcher?()
    var replaySetting = Replay.Setting(
      world: scenario.world.world, scheduleSeed: setting.scheduleSeed, start: scenario.start,
      chain: configuration.chain, region: Self.region(scenario), limits: configuration.limits.callLimits,
      organization: configuration.organizationSource, ledger: .memory, network: setting.network)
    replaySetting.watcher = watcher
    replay = try Replay(replaySetting, catalog: setting.catalog)
    let expectations = scenario.expectations + scenario.timeline.flatMap(\.expectations)
    remembered = Set(
      expectations.compactMap { expectation in
        if case .world(let world) = expectation.kind { world.unchangedSince } else { nil }
      })
    let first = replay.ledger
    state.withLock { $0.ledgers[ScenarioStep.defaultLedger] = first }
    if remembered.contains(WorldExpectation.start) { remember(WorldExpectation.start) }
  }

  /// Where STS and DescribeRegions are asked: as configured, or the partition's home region where the world has it.
  static func region(_ scenario: Scenario) -> String {
    if let region = scenario.reeve.configuration.region { return region }
    let world = scenario.world.world
    let home = world.partition.homeRegion
    return world.regions.contains { $0.name == home } ? home : world.regions.first?.name ?? home
  }

  var records: [StepRecord] { state.withLock { $0.records } }
  var failures: [ScenarioFailure] { state.withLock { $0.failures } }

  func ledgerDump() throws -> String {
    let ledgers = state.withLock { $0.ledgers }.sorted { $0.key < $1.key }
    return try replay.run {
      var text = ""
      for (name, ledger) in ledgers { text += "ledger \(name)\n" + (try await ledger.dump()) }
      return text
    }
  }

  // MARK: The timeline

  private struct Occurrence: Sendable {
    var step: ScenarioStep
    var name: String
    /// nil: when everything before has ended.
    var at: Duration?
    /// Sorts by this and then by place in the file.
    var anchor: Duration
  }

  /// The steps in the order in which they begin, repetitions among them.
  private var occurrences: [Occurrence] {
    var occurrences: [Occurrence] = []
    var anchor = Duration.zero
    for step in scenario.timeline {
      anchor = step.at ?? anchor
      for number in 0..<step.times {
        let time = anchor + (step.every ?? .zero) * number
        occurrences.append(
          Occurrence(
            step: step, name: step.times > 1 ? "\(step.name)#\(number + 1)" : step.name,
            at: step.at.map { _ in time }, anchor: time))
      }
    }
    return occurrences.enumerated().sorted { ($0.element.anchor, $0.offset) < ($1.element.anchor, $1.offset) }
      .map(\.element)
  }

  func play() throws {
    let occurrences = occurrences
    let start = scenario.start
    try replay.run { [self] in
      try await watcher?.begins(self)
      await withTaskGroup(of: Void.self) { group in
        for occurrence in occurrences {
          if let at = occurrence.at {
            // Cancelled it is never: the group is this function's own.
            try? await replay.executor.sleep(until: start + at)
          } else {
            await group.waitForAll()
          }
          group.addTask { [self] in await play(occurrence) }
        }
      }
      try await watcher?.ended(self)
      await check(scenario.expectations, after: nil)
    }
  }

  private func play(_ occurrence: Occurrence) async {
    var record = StepRecord(step: occurrence.step, name: occurrence.name, started: replay.executor.now)
    replay.transcript.write("\(record.started.iso8601Milliseconds) step \(record.name)")
    if occurrence.step.expectations.contains(where: { $0.kind.key == "calls" }) { record.callsBefore = reeveCalls() }
    await watched { try await watcher?.begins(record, of: self) }
    switch occurrence.step.event {
    case .call(let call): perform(call, &record)
    case .wait(let duration): try? await replay.executor.sleep(for: duration)
    default: await command(&record)
    }
    record.ended = replay.executor.now
    replay.transcript.write("\(record.ended.iso8601Milliseconds) end of \(record.name) \(record.summary)")
    if remembered.contains(occurrence.step.name) { remember(occurrence.step.name) }
    checkEnding(of: record)
    let ended = record
    state.withLock { $0.records.append(ended) }
    await watched { try await watcher?.ended(ended, of: self) }
    await check(occurrence.step.expectations, after: ended)
  }

  private func watched(_ body: () async throws -> Void) async {
    do { try await body() } catch { add(.harness(error)) }
  }

  private func remember(_ name: String) {
    let dump = replay.simulator.worldDump()
    state.withLock { $0.worlds[name] = dump }
  }

  /// What holds unless something else is said: no call is refused, no command fails, no crash is missed.
  private func checkEnding(of record: StepRecord) {
    func said(_ isSaid: (Expectation.Kind) -> Bool) -> Bool {
      record.step.expectations.contains { isSaid($0.kind) }
    }
    if let crash = record.step.crash, record.exit != .crashed {
      add(
        ScenarioFailure(
          location: record.step.location, what: "the crash of \"\(record.name)\"",
          expected: ["at boundary \(crash.boundary)"],
          actual: ["never: it passed \(record.boundaries ?? 0) boundaries and ended with \(record.summary)"]))
    }
    guard let error = record.error else { return }
    let isExpected = said { kind in
      switch kind {
      case .exit, .error: true
      default: false
      }
    }
    guard !isExpected else { return }
    add(
      ScenarioFailure(
        location: record.step.location, what: "\"\(record.name)\"", expected: ["no error"], actual: [error]))
  }

  func add(_ failure: ScenarioFailure) { state.withLock { $0.failures.append(failure) } }

  // MARK: What the steps leave to each other

  func ledger(_ name: String) throws -> SQLiteLedger {
    if let known = state.withLock({ $0.ledgers[name] }) { return known }
    let made = try SQLiteLedger(.memory, lane: DirectLane())
    return state.withLock { state in
      if let known = state.ledgers[name] { return known }
      state.ledgers[name] = made
      return made
    }
  }

  func keep(_ plan: Plan, of step: String) {
    state.withLock { state in
      state.plans[step] = plan
      state.plans[""] = plan
    }
  }
  func plan(of step: String?) -> Plan? { state.withLock { $0.plans[step ?? ""] } }

  func keep(run: String, ledger: String, of step: ScenarioStep) {
    state.withLock { state in
      state.runs[step.name] = (run, ledger)
      guard case .apply = step.event else { return }
      state.applies[step.name] = (run, ledger)
      state.applies[""] = (run, ledger)
    }
  }
  func apply(of step: String?) -> (run: String, ledger: String)? { state.withLock { $0.applies[step ?? ""] } }
  func run(of step: String) -> (run: String, ledger: String)? { state.withLock { $0.runs[step] } }
  func world(afterStep step: String) -> Document? { state.withLock { $0.worlds[step] } }

  func died(_ holder: String) { state.withLock { _ = $0.deadHolders.insert(holder) } }
  func isDead(_ holder: String) -> Bool { state.withLock { $0.deadHolders.contains(holder) } }

  func count(actorCalls: [CallRecord.Key: Int]) {
    state.withLock { $0.actorCalls.merge(actorCalls, uniquingKeysWith: +) }
  }

  /// What was called so far, without the timeline's actors.
  func reeveCalls() -> [CallRecord.Key: Int] {
    let actors = state.withLock { $0.actorCalls }
    guard !actors.isEmpty else { return replay.simulator.calls.counts }
    var counts = replay.simulator.calls.counts
    for (key, count) in actors { counts[key, default: 0] -= count }
    return counts
  }
}
