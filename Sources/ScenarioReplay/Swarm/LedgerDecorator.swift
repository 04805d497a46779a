import Governance
import Orchestrator

/// A ledger that stands before another one and is it, but for what it says itself.
protocol LedgerDecorator: SweepLedger {
  var ledger: any SweepLedger { get }
}

extension LedgerDecorator {
  func acquireLease(_ lease: Lease, now: Timestamp) async throws {
    try await ledger.acquireLease(lease, now: now)
  }
  func renewLease(holder: String, until expiry: Timestamp) async throws {
    try await ledger.renewLease(holder: holder, until: expiry)
  }
  func releaseLease(holder: String) async throws {
    try await ledger.releaseLease(holder: holder)
  }
  func beginSweep(_ sweep: SweepRecord) async throws {
    try await ledger.beginSweep(sweep)
  }
  func commit(_ result: ScopeResult, sweep: String, now: Timestamp) async throws {
    try await ledger.commit(result, sweep: sweep, now: now)
  }
  func record(coverage: [Coverage], sweep: String) async throws {
    try await ledger.record(coverage: coverage, sweep: sweep)
  }
  func record(accounts: [Account]) async throws {
    try await ledger.record(accounts: accounts)
  }
  func accounts() async throws -> [Account] {
    try await ledger.accounts()
  }
  func finishSweep(_ id: String, status: SweepRecord.Status, at time: Timestamp, calls: [String: Int]) async throws {
    try await ledger.finishSweep(id, status: status, at: time, calls: calls)
  }
  func markInterruptedSweeps(now: Timestamp) async throws -> [SweepRecord] {
    try await ledger.markInterruptedSweeps(now: now)
  }
  func sweep(_ id: String) async throws -> SweepRecord? {
    try await ledger.sweep(id)
  }
  func sweeps(limit: Int) async throws -> [SweepRecord] {
    try await ledger.sweeps(limit: limit)
  }
  func coverage(ofSweep id: String) async throws -> [Coverage] {
    try await ledger.coverage(ofSweep: id)
  }
  func notEvaluated(ofSweep id: String) async throws -> [NotEvaluated] {
    try await ledger.notEvaluated(ofSweep: id)
  }
  func findings(matching query: FindingQuery) async throws -> [Finding] {
    try await ledger.findings(matching: query)
  }
  func resources(matching query: ResourceQuery) async throws -> [RecordedResource] {
    try await ledger.resources(matching: query)
  }
  func recordedAnswer(to key: AnswerKey, notBefore oldest: Timestamp) async throws -> RecordedAnswer? {
    try await ledger.recordedAnswer(to: key, notBefore: oldest)
  }
  func forgetAnswers(in scope: Scope, about resource: String) async throws {
    try await ledger.forgetAnswers(in: scope, about: resource)
  }
  func beginRun(_ run: RunRecord, actions: [JournalEntry]) async throws {
    try await ledger.beginRun(run, actions: actions)
  }
  func record(_ transition: JournalTransition) async throws {
    try await ledger.record(transition)
  }
  func finishRun(_ id: String, status: RunRecord.Status, at time: Timestamp, message: String) async throws {
    try await ledger.finishRun(id, status: status, at: time, message: message)
  }
  func run(_ id: String) async throws -> RunRecord? {
    try await ledger.run(id)
  }
  func runs(limit: Int) async throws -> [RunRecord] {
    try await ledger.runs(limit: limit)
  }
  func journal(ofRun id: String) async throws -> [JournalEntry] {
    try await ledger.journal(ofRun: id)
  }
  func dump() async throws -> String {
    try await ledger.dump()
  }
}
