import EC2Simulator
import Governance
import Ledger
import Orchestrator

/// What an expectation is held against: the end of a step, or of the timeline.
struct Outlook {
  var record: StepRecord?
  var ledger: SQLiteLedger
  /// The step's sweep; at the end, the latest of the ledger.
  var sweep: SweepRecord?

  /// `findings after "nightly"`
  func title(_ key: String) -> String { record.map { "\(key) after \"\($0.name)\"" } ?? "\(key) in the end" }
}

/// What was expected and what was found; nil in `measured`: nothing that could stand in its place.
struct Verification {
  var holds: Bool
  var expected: [String]
  var actual: [String]
  var measured: Document?
}

extension ScenarioRun {
  /// Holds what is expected against what came of it.
  func check(_ expectations: [Expectation], after record: StepRecord?) async {
    guard !expectations.isEmpty else { return }
    do {
      let ledger = try ledger(record?.step.ledger ?? ScenarioStep.defaultLedger)
      let outlook = Outlook(record: record, ledger: ledger, sweep: try await sweep(of: record, in: ledger))
      for expectation in expectations {
        let verification = try await verify(expectation.kind, outlook)
        guard !verification.holds else { continue }
        add(
          ScenarioFailure(
            location: expectation.location, what: outlook.title(expectation.kind.key),
            expected: verification.expected, actual: verification.actual, measured: verification.measured))
      }
    } catch {
      add(.harness(error))
    }
  }

  private func sweep(of record: StepRecord?, in ledger: SQLiteLedger) async throws -> SweepRecord? {
    guard let record else { return try await ledger.sweeps(limit: 1).first }
    return record.sweepRecord
  }

  private func verify(_ kind: Expectation.Kind, _ outlook: Outlook) async throws -> Verification {
    switch kind {
    case .exit(let expected): return exit(expected, outlook)
    case .error(let text): return error(text, outlook)
    case .result(let expectations): return result(expectations, outlook)
    case .plan(let plan): return self.plan(plan, outlook)
    case .run(let run): return try await self.run(run, outlook.record?.step.name ?? "")
    case .runs(let runs): return try await self.runs(runs)
    case .duration(let duration): return self.duration(duration, outlook)
    case .warnings(let texts): return warnings(texts, outlook)
    case .findings(let patterns): return try await findings(patterns, outlook)
    case .notEvaluated(let patterns): return try await notEvaluated(patterns, outlook)
    case .coverage(let scopes): return try await coverage(scopes, outlook)
    case .gaps(let scopes): return try await gaps(scopes, outlook)
    case .scopes(let counts): return try await self.scopes(counts, outlook)
    case .calls(let calls): return self.calls(calls, outlook)
    case .kpis(let bounds): return try await kpis(bounds, outlook)
    case .world(let world): return self.world(world, outlook)
    }
  }

  func accountID(_ text: String) -> String {
    scenario.world.world.accountID(named: text) ?? replay.simulator.world.accountID(named: text) ?? text
  }

  // MARK: How a command ended

  private func exit(_ expected: ExitExpectation, _ outlook: Outlook) -> Verification {
    let actual = outlook.record?.exit
    var words = ["no status"]
    if case .status(let code)? = actual { words = ["\(code)"] }
    if actual == .crashed { words = ["crashed"] }
    if let error = outlook.record?.error { words.append(error) }
    return Verification(
      holds: actual == expected, expected: [expected.document.string ?? expected.document.json], actual: words,
      measured: actual?.document)
  }

  private func error(_ text: String, _ outlook: Outlook) -> Verification {
    let record = outlook.record
    let holds = record?.code == text || record?.error?.contains(text) == true
    return Verification(
      holds: holds, expected: [text], actual: [record?.error ?? "no error"],
      measured: record?.code.map { Document($0) })
  }

  private func result(_ expectations: [Observation.Expectation], _ outlook: Outlook) -> Verification {
    let answer = outlook.record?.answer ?? .null
    let broken = Observation(
      call: APICall(service: "", operation: "", parameters: .null), expectations: expectations
    ).broken(by: answer)
    return Verification(
      holds: broken.isEmpty, expected: expectations.map(\.text),
      actual: broken.isEmpty ? [] : broken + [outlook.record?.error ?? answer.json])
  }

  private func plan(_ expected: PlanExpectation, _ outlook: Outlook) -> Verification {
    guard let plan = outlook.record?.plan else {
      return Verification(
        holds: false, expected: [expected.document.json], actual: [outlook.record?.error ?? "no plan"])
    }
    let operations = Set(plan.actions.map { "\($0.call.service):\($0.call.operation)" }).sorted()
    let holds =
      expected.actions?.holds(for: plan.actions.count) != false
      && expected.leftToPeople?.holds(for: plan.leftToPeople.count) != false
      && (expected.operations == nil || expected.operations?.sorted() == operations)
    let measured = PlanExpectation(
      actions: expected.actions.map { _ in .exactly(plan.actions.count) },
      leftToPeople: expected.leftToPeople.map { _ in .exactly(plan.leftToPeople.count) },
      operations: expected.operations.map { _ in operations })
    return Verification(
      holds: holds, expected: [expected.document.json],
      actual: [measured.document.json] + plan.actions.map(\.summary), measured: measured.document)
  }

  private func duration(_ expected: DurationExpectation, _ outlook: Outlook) -> Verification {
    let took = outlook.record.map { $0.ended - $0.started } ?? .zero
    let holds = took >= (expected.atLeast ?? .zero) && took <= (expected.atMost ?? .seconds(Int64.max / 2_000_000_000))
    return Verification(holds: holds, expected: [expected.document.json], actual: [took.brief])
  }

  private func warnings(_ texts: [String], _ outlook: Outlook) -> Verification {
    let lines = outlook.record?.warnings ?? []
    let holds =
      texts.isEmpty ? lines.isEmpty : texts.allSatisfy { text in lines.contains { $0.contains(text) } }
    return Verification(
      holds: holds, expected: texts.isEmpty ? ["no line"] : texts, actual: lines.isEmpty ? ["no line"] : lines,
      measured: Document(strings: lines))
  }

  // MARK: Runs

  private func runs(_ runs: [NamedRun]) async throws -> Verification {
    var whole = Verification(holds: true, expected: [], actual: [])
    var measured: [(name: String, value: Document?)] = []
    for named in runs {
      let one = try await run(named.run, named.step)
      whole.holds = whole.holds && one.holds
      whole.expected += one.expected.map { "\(named.step): \($0)" }
      whole.actual += one.actual.map { "\(named.step): \($0)" }
      measured.append((named.step, one.measured ?? named.run.document))
    }
    whole.measured = Document(entries: measured)
    return whole
  }

  private func run(_ expected: RunExpectation, _ step: String) async throws -> Verification {
    guard let known = run(of: step), let run = try await ledger(known.ledger).run(known.run) else {
      return Verification(holds: false, expected: [expected.document.json], actual: ["no run in the ledger"])
    }
    let journal = try await ledger(known.ledger).journal(ofRun: run.id)
    let counts = JournalEntry.State.allCases.compactMap { state -> RunExpectation.CountedState? in
      let count = journal.count { $0.state == state }
      return count == 0 ? nil : RunExpectation.CountedState(state: state, count: count)
    }
    let messages = ([run.message] + journal.map(\.message)).filter { !$0.isEmpty }
    let wanted = expected.journal?.filter { $0.count > 0 }
    let holds =
      (expected.status == nil || expected.status == run.status)
      && (wanted == nil || Self.sorted(wanted ?? []) == Self.sorted(counts))
      && (expected.message.map { text in messages.contains { $0.contains(text) } } ?? true)
    let measured = RunExpectation(
      status: expected.status.map { _ in run.status }, journal: expected.journal.map { _ in counts },
      message: expected.message)
    return Verification(
      holds: holds, expected: [expected.document.json],
      actual: [RunExpectation(status: run.status, journal: counts).document.json] + messages,
      measured: measured.document)
  }

  private static func sorted(_ counts: [RunExpectation.CountedState]) -> [RunExpectation.CountedState] {
    counts.sorted { $0.state.rawValue < $1.state.rawValue }
  }

  // MARK: Calls

  private func calls(_ calls: [CallExpectation], _ outlook: Outlook) -> Verification {
    let made = reeveCalls().merging(outlook.record?.callsBefore ?? [:], uniquingKeysWith: -)
    var whole = Verification(holds: true, expected: [], actual: [])
    var measured: [Document] = []
    for call in calls {
      let rule = SelectionRule(key: "operation", pattern: call.operation)
      let account = call.account.map { accountID($0) }
      let matching = made.filter { key, count in
        count != 0 && rule.matches("\(key.service):\(key.operation)") && (account ?? key.account) == key.account
          && (call.region ?? key.region) == key.region && (call.result ?? key.result) == key.result
      }
      let count = matching.values.reduce(0, +)
      var exact = call
      let holds = call.count.holds(for: count)
      if !holds { exact.count = .exactly(count) }
      measured.append(exact.document)
      whole.holds = whole.holds && holds
      guard !holds else { continue }
      let filters = [call.account, call.region, call.result].compactMap(\.self).joined(separator: " ")
      whole.expected.append("\(call.count.text) × \(call.operation) \(filters)")
      whole.actual.append("\(count) × \(call.operation) \(filters)")
      whole.actual += matching.sorted { $0.key < $1.key }.map { key, count in
        "  \(count) × \(key.service):\(key.operation) \(key.account)/\(key.region) \(key.result)"
      }
    }
    whole.measured = Document(measured)
    return whole
  }
}
