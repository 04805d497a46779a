import Determinism
import Governance

/// One account: a session, its regions, its scopes. Throws only when the ledger fails.
struct AccountSweep: Sendable {
  let account: Account
  let options: SweepOptions
  let selection: CheckSelection
  let partition: Partition
  let plugins: any PluginSession
  let cloud: any Cloud
  let ledger: any SweepLedger
  let gate: Gate
  let tally: SweepTally
  let clock: any WorldClock
  /// Scopes that an interrupted sweep has covered already.
  let alreadyCovered: Set<Scope>

  /// Stands for every region of an account whose regions could not be listed.
  static let everyRegion = "*"

  func run() async throws {
    defer { tally.accountDone() }
    let session: any CloudSession
    do {
      session = try await cloud.session(account: account.id, permissions: .reading(actions: selection.readActions))
    } catch {
      let verdict: Coverage.Verdict =
        switch error.kind {
        case .cancelled: .interrupted
        case .throttled: .throttledOut
        default: .assumeRoleFailed
        }
      return try await record(verdict, region: Self.everyRegion, reason: error.description)
    }
    var scopes: [Scope] = []
    do {
      scopes = try await self.scopes(session)
    } catch let reason as FailureReason {
      return try await record(
        ScopeSweep.verdict(of: reason), region: Self.everyRegion, reason: "DescribeRegions: \(reason)")
    }
    tally.expect(scopes: scopes.count)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for scope in scopes where !alreadyCovered.contains(scope) {
        group.addTask { try await gate.pass { try await sweep(scope, session) } }
      }
      try await group.waitForAll()
    }
  }

  private func record(_ verdict: Coverage.Verdict, region: String, reason: String) async throws {
    if verdict.isGap { tally.gap() }
    let scope = Scope(account: account.id, region: region)
    try await ledger.record(coverage: [Coverage(scope: scope, verdict: verdict, reason: reason)], sweep: options.id)
  }

  /// The scopes to look at; the others are accounted for in the ledger.
  private func scopes(_ session: any CloudSession) async throws -> [Scope] {
    let call = APICall(service: "ec2", operation: "DescribeRegions", parameters: ["AllRegions": true])
    let page = try await session.perform(call, in: options.homeRegion)
    guard let regions = page.body["Regions"]?.elements, !regions.isEmpty else {
      throw FailureReason(kind: .badData, code: "NoRegions", message: "the answer names no region")
    }
    var scopes: [Scope] = []
    var accounted: [Coverage] = []
    for region in regions {
      guard let name = region["RegionName"]?.string else {
        throw FailureReason(kind: .badData, code: "NoRegionName", message: "a region without a name: \(region.json)")
      }
      let scope = Scope(account: account.id, region: name)
      if let rule = options.regions.exclusion(of: name) {
        accounted.append(Coverage(scope: scope, verdict: .excluded, reason: rule))
      } else if region["OptInStatus"]?.string == "not-opted-in" {
        accounted.append(Coverage(scope: scope, verdict: .regionNotOptedIn, reason: "the account has not opted in"))
      } else {
        scopes.append(scope)
      }
    }
    try await ledger.record(coverage: accounted.sorted { $0.scope < $1.scope }, sweep: options.id)
    return scopes.sorted()
  }

  private func sweep(_ scope: Scope, _ session: any CloudSession) async throws {
    if Task.isCancelled {
      return try await record(.interrupted, region: scope.region, reason: "the sweep was stopped before it came here")
    }
    let now = clock.now
    let age = options.answersMaximumAge
    let result = try await ScopeSweep(
      scope: scope, partition: partition, selection: selection, plugins: plugins, session: session, ledger: ledger,
      oldestAnswer: age > .zero ? now - age : nil, now: now
    ).run()
    try await ledger.commit(result, sweep: options.id, now: now)
    tally.scopeDone(result)
  }
}
