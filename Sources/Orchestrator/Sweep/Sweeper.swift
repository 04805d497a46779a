package import Determinism
import Governance

/// One sweep: every scope of the organization through discovery and checks into the ledger.
///
/// Invariants:
/// 1. Every account that the organization lists ends with coverage: for each of its regions, or for `*`.
/// 2. A scope is committed whole or not at all; a sweep stopped at any instant leaves what was covered.
/// 3. Scopes stream through: what is held grows with the window, never with the organization.
package struct Sweeper: Sendable {
  private let cloud: any Cloud
  private let catalog: any PluginCatalog
  private let ledger: any SweepLedger
  private let clock: any WorldClock
  private let observer: any SweepObserver
  private let holderIsDead: @Sendable (String) -> Bool

  package init(
    cloud: any Cloud, catalog: any PluginCatalog, ledger: any SweepLedger, clock: any WorldClock,
    observer: any SweepObserver, holderIsDead: @escaping @Sendable (String) -> Bool
  ) {
    self.cloud = cloud
    self.catalog = catalog
    self.ledger = ledger
    self.clock = clock
    self.observer = observer
    self.holderIsDead = holderIsDead
  }

  /// Throws `SweepError` when it cannot begin and `LedgerError` when the ledger fails.
  package func run(_ options: SweepOptions, stop: StopSignal) async throws -> SweepOutcome {
    let selection = try CheckSelection(
      checks: options.checks, manifests: catalog.manifests, inventory: options.inventory)
    let keeper = LeaseKeeper(
      ledger: ledger, clock: clock, holder: options.holder, purpose: "sweep", stop: stop, holderIsDead: holderIsDead)
    return try await keeper.hold { try await hold(options, selection, stop) }
  }

  private func hold(_ options: SweepOptions, _ selection: CheckSelection, _ stop: StopSignal) async throws
    -> SweepOutcome
  {
    let caller: CallerIdentity
    do { caller = try await cloud.callerIdentity() } catch { throw SweepError.noCredentials(error) }
    let (organization, organizationGap) = try await organization(caller)
    if let reason = organization.membershipUnknown, options.accounts.namesUnits {
      throw SweepError.unitsUnknown(reason)
    }
    let unmatched = options.accounts.unmatched(in: organization.accounts)
    for note in unmatched { observer.sweepNoted(note) }
    for run in try await ledger.runs(limit: 100) where run.status == .running {
      observer.sweepNoted(
        "run \(run.id) of \(run.startedAt.iso8601) was interrupted; the next `reeve apply` or `reeve undo` settles it")
    }
    let (options, record, covered) = try await begin(options, organization)
    try await ledger.record(accounts: organization.accounts)
    try await recordGaps(organizationGap, missing: options.missing + selection.undiscovered, sweep: record.id)

    let plugins: any PluginSession
    do {
      plugins = try await catalog.open(
        PluginSetting(
          organization: organization, trusted: options.trusted, configurations: options.pluginConfigurations,
          plugins: selection.plugins, now: record.startedAt))
    } catch {
      try await ledger.finishSweep(record.id, status: .failed, at: clock.now, calls: cloud.meter.reading.calls)
      throw SweepError.plugin(error)
    }
    let tally = SweepTally(observer: observer)
    do {
      try await sweepAccounts(
        of: organization, options: options, selection: selection, plugins: plugins, covered: covered, tally: tally,
        stop: stop)
    } catch {
      await plugins.close()
      throw error
    }
    await plugins.close()

    var finished = record
    finished.status = stop.reason == nil ? .complete : .interrupted
    finished.finishedAt = clock.now
    finished.calls = cloud.meter.reading.calls
    try await ledger.finishSweep(
      finished.id, status: finished.status, at: finished.finishedAt ?? clock.now, calls: finished.calls)
    return SweepOutcome(
      record: finished, caller: caller, organization: organization, stopped: stop.reason,
      oldestFacts: tally.oldestFacts)
  }

  /// The organization; where it cannot be listed, the caller's account alone and a gap for all the rest.
  private func organization(_ caller: CallerIdentity) async throws -> (Organization, Coverage?) {
    let (organization, failure) = await OrganizationReader(cloud: cloud).read(caller)
    guard let failure else { return (organization, nil) }
    guard failure.kind != .cancelled else { throw SweepError.organization(failure) }
    observer.sweepNoted(
      "the organization could not be listed (\(failure.code)): only the caller's account \(caller.account) is swept; "
        + "list the accounts under organization.accounts in reeve.yaml, or sweep as the management account or a "
        + "delegated administrator")
    let scope = Scope(account: AccountSweep.everyRegion, region: AccountSweep.everyRegion)
    return (
      organization,
      Coverage(
        scope: scope, verdict: ScopeSweep.verdict(of: failure), reason: organization.membershipUnknown ?? "")
    )
  }

  /// What concerns every scope stands under `*`.
  private func recordGaps(_ organization: Coverage?, missing: [String], sweep: String) async throws {
    guard organization != nil || !missing.isEmpty else { return }
    var gap =
      organization
      ?? Coverage(
        scope: Scope(account: AccountSweep.everyRegion, region: AccountSweep.everyRegion), verdict: .pluginFailed,
        reason: "")
    gap.reason = ([gap.reason] + missing).filter { !$0.isEmpty }.joined(separator: "; ")
    try await ledger.record(coverage: [gap], sweep: sweep)
  }

  private func begin(_ options: SweepOptions, _ organization: Organization) async throws
    -> (SweepOptions, SweepRecord, Set<Scope>)
  {
    let interrupted = try await ledger.markInterruptedSweeps(now: clock.now)
    if options.resumes {
      // Only the latest sweep, and only while what it saw is not older than a fact may be.
      let latest = try await ledger.sweeps(limit: 1).first
      if let latest, latest.status == .interrupted, latest.selection == options.selectionKey,
        clock.now - latest.startedAt <= Self.resumableAge
      {
        return try await resume(latest, options)
      }
      observer.sweepNoted("no interrupted sweep of the last day to go on with; beginning anew")
    }
    for sweep in interrupted {
      observer.sweepNoted("sweep \(sweep.id) of \(sweep.startedAt.iso8601) was interrupted; --resume goes on with it")
    }
    let record = SweepRecord(
      id: options.id, organization: organization.id, startedAt: clock.now, checks: options.checks.sorted(),
      selection: options.selectionKey)
    try await ledger.beginSweep(record)
    return (options, record, [])
  }

  private static let resumableAge = Duration.seconds(86_400)

  private func resume(_ earlier: SweepRecord, _ options: SweepOptions) async throws
    -> (SweepOptions, SweepRecord, Set<Scope>)
  {
    var options = options
    options.id = earlier.id
    let coverage = try await ledger.coverage(ofSweep: earlier.id)
    let covered = Set(coverage.filter { !$0.verdict.isGap }.map(\.scope))
    observer.sweepNoted(
      "resuming sweep \(earlier.id) of \(earlier.startedAt.iso8601): \(covered.count) scopes are covered already")
    var running = earlier
    running.status = .running
    running.finishedAt = nil
    try await ledger.beginSweep(running)
    return (options, running, covered)
  }

  private func sweepAccounts(
    of organization: Organization, options: SweepOptions, selection: CheckSelection, plugins: any PluginSession,
    covered: Set<Scope>, tally: SweepTally, stop: StopSignal
  ) async throws {
    var accounts: [Account] = []
    var accounted: [Coverage] = []
    for account in organization.accounts.sorted(by: { $0.id < $1.id }) {
      let everywhere = Scope(account: account.id, region: AccountSweep.everyRegion)
      if let rule = options.accounts.exclusion(of: account) {
        accounted.append(Coverage(scope: everywhere, verdict: .excluded, reason: rule))
      } else if account.state != "ACTIVE" {
        accounted.append(
          Coverage(scope: everywhere, verdict: .accountNotActive, reason: "the account is \(account.state)"))
      } else {
        accounts.append(account)
      }
    }
    try await ledger.record(coverage: accounted, sweep: options.id)
    tally.expect(accounts: accounts.count)

    let gate = Gate(limit: options.concurrency)
    let pending = accounts
    let work: @Sendable () async throws -> Void = {
      try await withThrowingTaskGroup(of: Void.self) { group in
        var remaining = pending.makeIterator()
        func addNext() {
          guard let account = remaining.next() else { return }
          group.addTask {
            try await AccountSweep(
              account: account, options: options, selection: selection, partition: organization.partition,
              plugins: plugins, cloud: cloud, ledger: ledger, gate: gate, tally: tally, clock: clock,
              alreadyCovered: covered
            ).run()
          }
        }
        for _ in 0..<min(options.concurrency, pending.count) { addNext() }
        while try await group.next() != nil { addNext() }
      }
    }
    try await untilStopped(stop, maximumDuration: options.maximumDuration, work)
  }

  /// Runs the work; a raised signal or a passed duration cancels it, and it ends by recording what it did not reach.
  private func untilStopped(
    _ stop: StopSignal, maximumDuration: Duration?, _ work: @escaping @Sendable () async throws -> Void
  ) async throws {
    enum Event: Sendable {
      case worked(Result<Void, any Error>)
      case stopped
    }
    let result = await withTaskGroup(of: Event.self) { group in
      group.addTask {
        do { return .worked(.success(try await work())) } catch { return .worked(.failure(error)) }
      }
      group.addTask {
        await stop.wait()
        return .stopped
      }
      if let maximumDuration {
        group.addTask {
          do {
            try await clock.sleep(for: maximumDuration)
            stop.raise("the maximum duration of \(maximumDuration.brief) has passed")
          } catch {
            // Cancelled: the work is done.
          }
          return .stopped
        }
      }
      while let event = await group.next() {
        group.cancelAll()
        if case .worked(let result) = event { return result }
      }
      return .success(())
    }
    try result.get()
  }
}
