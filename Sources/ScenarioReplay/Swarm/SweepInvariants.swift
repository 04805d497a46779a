import Configuration
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import Synchronization

/// What holds when a sweep has ended, against the world as it was while the sweep looked.
struct SweepInvariants {
  let watch: SwarmWatch
  let run: ScenarioRun
  let record: StepRecord

  func check() async throws {
    let ledger = try run.ledger(record.step.ledger)
    // One that did not come to its end is held against the world by the sweep after it.
    guard let id = record.sweep, record.exit != .crashed, let sweep = try await ledger.sweep(id),
      let history = watch.history()
    else { return }
    let conclusion = Conclusion(
      sweep: sweep, coverage: try await ledger.coverage(ofSweep: id),
      findings: try await ledger.findings(matching: FindingQuery(statuses: Finding.Status.allCases)),
      notEvaluated: try await ledger.notEvaluated(ofSweep: id), maximumAge: maximumAge)
    let world = run.replay.simulator.world
    checkScopes(conclusion, world)
    checkTruth(conclusion, history, world)
    checkUnseen(conclusion)
    checkUnread(conclusion, try await ledger.resources(matching: ResourceQuery()))
  }

  struct Conclusion {
    var sweep: SweepRecord
    var coverage: [Coverage]
    var findings: [Finding]
    var notEvaluated: [NotEvaluated]
    /// How old an answer may be that was used again.
    var maximumAge: Duration
  }

  private var maximumAge: Duration {
    if case .sweep(let event) = record.step.event, let age = event.maximumAge { return age }
    return run.scenario.reeve.configuration.limits.launchPermissionsMaximumAge
  }

  private func report(_ invariant: SwarmViolation.Invariant, _ detail: String) {
    watch.report(invariant, record.name, detail)
  }

  // MARK: Coverage

  private func checkScopes(_ conclusion: Conclusion, _ world: World) {
    let byAccount = Dictionary(grouping: conclusion.coverage, by: \.scope.account)
    // What concerns every account: then only the caller's own was looked at.
    let isListed = byAccount["*"]?.contains(where: \.verdict.isGap) != true
    let excluded = run.scenario.reeve.configuration.accountSelection
    for id in world.accountIDs {
      guard let account = world.account(id), let organization = world.organizations.first,
        account.organization == organization.id, isListed || id == world.ambientAccount
      else { continue }
      let rows = byAccount[id] ?? []
      let regions = rows.map(\.scope.region).sorted()
      let isSelected = excluded.exclude.accounts.allSatisfy { $0.pattern != id }
      let allowed =
        account.state == "ACTIVE" && isSelected ? [["*"], world.regions.map(\.name).sorted()] : [["*"]]
      if !allowed.contains(regions), !isResumedInPart(rows, of: world) {
        report(.everyScopeHasAVerdict, "account \(id), \(account.state): verdicts for \(regions), expected \(allowed)")
      }
      if account.state == "ACTIVE", isSelected { checkReach(rows, account, conclusion.sweep) }
    }
  }

  /// A sweep that goes on keeps the regions that were looked at before it was interrupted. When it then cannot list the
  /// account's regions, both are said: those, and a gap over all that there may be beside them.
  private func isResumedInPart(_ rows: [Coverage], of world: World) -> Bool {
    guard case .sweep(let event) = record.step.event, event.resumes,
      rows.contains(where: { $0.scope.region == "*" && $0.verdict.isGap })
    else { return false }
    return rows.allSatisfy { row in
      row.scope.region == "*" || (!row.verdict.isGap && world.regions.contains { $0.name == row.scope.region })
    }
  }

  /// Where nothing stands in the way, and nothing is wrong, everything is looked at.
  private func checkReach(_ rows: [Coverage], _ account: WorldAccount, _ sweep: SweepRecord) {
    guard run.scenario.isFaultless, sweep.status == .complete, SwarmReach.isOpen(account, in: run) else { return }
    for row in rows where row.verdict.isGap {
      report(.coverageIsTrue, "\(row.scope) is open, and is said to be \(row.verdict.rawValue): \(row.reason)")
    }
  }

  // MARK: Findings

  private func checkTruth(_ conclusion: Conclusion, _ history: SwarmHistory, _ world: World) {
    let configuration = run.scenario.reeve.configuration
    let oracle = SwarmOracle(
      checks: conclusion.sweep.checks, trusted: configuration.trusted,
      requiredTags: Self.requiredTags(configuration.plugins.configurations["reeve.tag-policy"]))
    var expected: [Scope: Bounds] = [:]
    let scanned = conclusion.coverage.filter { $0.verdict == .scanned }.map(\.scope)
    for scope in scanned { expected[scope] = bounds(scope, oracle, conclusion, history) }
    let unread = Set(conclusion.notEvaluated.map { SwarmOracle.Failing(check: $0.check, resource: $0.resource) })
    var open: Set<SwarmOracle.Failing> = []
    for finding in conclusion.findings where conclusion.sweep.checks.contains(finding.check) {
      let failing = SwarmOracle.Failing(check: finding.check, resource: finding.resource)
      let scope = finding.resource.scope
      if finding.isOpen || finding.status == .excepted { open.insert(failing) }
      let bounds = expected[scope] ?? self.bounds(scope, oracle, conclusion, history)
      expected[scope] = bounds
      let isFresh = finding.lastSeen >= conclusion.sweep.startedAt
      if finding.isOpen, isFresh, !bounds.ever.contains(failing) {
        report(.findingsAreTrue, "\(failing) was seen, and the world never had it while it was looked at")
      }
      let isResolvedNow = finding.resolvedAt.map { $0 >= conclusion.sweep.startedAt } ?? false
      if finding.status == .resolved, isResolvedNow, bounds.always.contains(failing) {
        report(.findingsAreTrue, "\(failing) is said to be resolved, and was there all the time")
      }
    }
    for scope in scanned.sorted() {
      for failing in (expected[scope]?.always ?? []).sorted() where !open.contains(failing) {
        if unread.contains(failing) {
          report(.coverageIsTrue, "\(scope) is said to be scanned, and \(failing) was not evaluated")
        } else {
          report(.findingsAreTrue, "\(failing) is no open finding, and \(scope) is said to be scanned")
        }
      }
    }
  }

  /// What failed at some time while the sweep looked, and what failed all that time.
  private struct Bounds {
    var ever: Set<SwarmOracle.Failing> = []
    var always: Set<SwarmOracle.Failing> = []
  }

  private func bounds(
    _ scope: Scope, _ oracle: SwarmOracle, _ conclusion: Conclusion, _ history: SwarmHistory
  ) -> Bounds {
    var bounds = Bounds()
    let began = conclusion.sweep.startedAt - run.scenario.staleness
    func collect(_ oracle: SwarmOracle, from start: Timestamp) {
      var always: Set<SwarmOracle.Failing>?
      for version in history.seen(from: start, to: record.ended) {
        let failing = Set(oracle.failing(in: scope, of: version.world, at: version.at))
        bounds.ever.formUnion(failing)
        always = always?.intersection(failing) ?? failing
      }
      bounds.always.formUnion(always ?? [])
    }
    // These rest on answers that may be older than the sweep.
    let aged = oracle.checks.intersection(["image.shared-with-stranger", "snapshot.public"])
    var fresh = oracle
    fresh.checks.subtract(aged)
    collect(fresh, from: began)
    var old = oracle
    old.checks = aged
    collect(old, from: began - conclusion.maximumAge)
    return bounds
  }

  static func requiredTags(_ configuration: Document?) -> [String] {
    guard let required = configuration?["required"] else { return ["Owner"] }
    return required.elements.compactMap { $0["key"]?.string }
  }

  // MARK: What was not seen

  /// A check that reads what could not be read says so, of each resource.
  private func checkUnread(_ conclusion: Conclusion, _ resources: [RecordedResource]) {
    let told = Set(conclusion.notEvaluated.map { SwarmOracle.Failing(check: $0.check, resource: $0.resource) })
    let checks = watch.manifests.flatMap(\.checks).filter { conclusion.sweep.checks.contains($0.id) }
    let covered = Set(conclusion.coverage.map(\.scope))
    for recorded in resources where recorded.lastSeen >= conclusion.sweep.startedAt {
      // Seen before the sweep was resumed, in a scope that was then to be looked at again and could not: the gap says it.
      guard covered.contains(recorded.resource.scope) else { continue }
      let unread = Set(recorded.resource.notes.filter { $0.unread != nil }.map(\.name))
      for check in checks where check.resourceTypes.contains(recorded.resource.type) {
        let key = SwarmOracle.Failing(check: check.id, resource: recorded.resource.key)
        guard !unread.isDisjoint(with: check.attributes), !told.contains(key) else { continue }
        report(.unseenIsNoPass, "\(key) rests on what was not read, and nothing says that it was not evaluated")
      }
    }
  }

  private func checkUnseen(_ conclusion: Conclusion) {
    let before = watch.state.withLock { $0.findings[record.name] } ?? []
    let after = Dictionary(
      conclusion.findings.map { (SwarmOracle.Failing(check: $0.check, resource: $0.resource), $0) },
      uniquingKeysWith: { first, _ in first })
    let unread = Set(conclusion.notEvaluated.map { SwarmOracle.Failing(check: $0.check, resource: $0.resource) })
    let coverage = Dictionary(
      conclusion.coverage.map { ($0.scope, $0) }, uniquingKeysWith: { first, _ in first })
    let blind: Set<Coverage.Verdict> = [
      .denied, .assumeRoleFailed, .throttledOut, .timedOut, .failed, .excluded, .regionNotOptedIn, .accountNotActive,
    ]
    for finding in before {
      let key = SwarmOracle.Failing(check: finding.check, resource: finding.resource)
      let scope = finding.resource.scope
      let row = coverage[scope] ?? coverage[Scope(account: scope.account, region: "*")]
      let isBlind = row.map { blind.contains($0.verdict) && $0.resources == 0 } ?? true
      guard isBlind || unread.contains(key), let now = after[key], now.status != finding.status else { continue }
      let why =
        isBlind ? row.map { "\($0.scope) is \($0.verdict.rawValue)" } ?? "nobody looked" : "it was not evaluated"
      report(
        .unseenIsNoPass, "\(key) went from \(finding.status.rawValue) to \(now.status.rawValue), and \(why)")
    }
  }
}

/// Which accounts nothing keeps Reeve from.
enum SwarmReach {
  /// The account that Reeve runs in, and those whose role is as it should be, where no policy denies anything: it trusts the
  /// account before it in the chain, as Organizations' own does that of the management account.
  static func isOpen(_ account: WorldAccount, in run: ScenarioRun) -> Bool {
    let world = run.replay.simulator.world
    guard let organization = world.organizations.first, organization.policies.isEmpty,
      organization.withoutFullAccess.isEmpty
    else { return false }
    if account.id == world.ambientAccount { return true }
    guard let role = account.role(named: SwarmWorld.accessRole) else { return false }
    let hops = run.scenario.reeve.configuration.roles.dropLast()
    let trusted = hops.last.flatMap { ARN($0.arn)?.account } ?? organization.managementAccount
    let isAdministrator =
      role.permissions == WorldPermissions([.administrator])
      || role.permissions.attached.map { $0.hasSuffix(":policy/AdministratorAccess") } == [true]
    return isAdministrator && role.trust == .trusting(account: trusted, partition: world.partition)
  }
}

extension Scenario {
  /// Nothing goes wrong between Reeve and AWS.
  var isFaultless: Bool { world.world.faults.isEmpty }

  /// How long a read may be behind the world.
  var staleness: Duration {
    world.world.faults.compactMap { if case .staleReads(let lag) = $0.fault { lag } else { nil } }.max() ?? .zero
  }

  /// Somebody acts beside Reeve's own calls.
  var hasActors: Bool {
    world.world.faults.contains { if case .actors = $0.fault { true } else { false } }
  }
}
