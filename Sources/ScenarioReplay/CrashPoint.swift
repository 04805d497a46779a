package import Governance
package import Orchestrator
import Synchronization

/// Where Reeve dies: at the Nth boundary between it and its ports. From that instant every port throws, and what was not
/// committed is gone.
///
/// Each port call has two boundaries: before it is made, and after it was made but before Reeve hears of it.
package final class CrashPoint: Sendable {
  package struct Crashed: Error, Equatable {}

  private struct State {
    var passed = 0
    var crashed = false
  }
  private let at: Int?
  private let state = Mutex(State())

  /// nil counts the boundaries and never crashes.
  package init(at boundary: Int?) { at = boundary }

  /// Boundaries passed so far.
  package var passed: Int { state.withLock { $0.passed } }
  package var hasCrashed: Bool { state.withLock { $0.crashed } }

  fileprivate func pass() throws(Crashed) {
    let crashed = state.withLock { state in
      if !state.crashed {
        state.passed += 1
        if state.passed == at { state.crashed = true }
      }
      return state.crashed
    }
    if crashed { throw Crashed() }
  }

  fileprivate func around<Value>(_ call: () async throws -> Value) async throws -> Value {
    try pass()
    let value = try await call()
    try pass()
    return value
  }
}

extension FailureReason {
  static let crashed = FailureReason(kind: .cancelled, code: "Crashed", message: "reeve crashed here")
}

/// A cloud that dies with Reeve.
package struct CrashingCloud: Cloud {
  private let cloud: any Cloud
  private let point: CrashPoint

  package init(_ cloud: any Cloud, point: CrashPoint) {
    self.cloud = cloud
    self.point = point
  }

  package var meter: CallMeter { cloud.meter }

  package func callerIdentity() async throws(FailureReason) -> CallerIdentity {
    try check()
    let identity = try await cloud.callerIdentity()
    try check()
    return identity
  }

  package func organization() async throws(FailureReason) -> Organization {
    try check()
    let organization = try await cloud.organization()
    try check()
    return organization
  }

  package func session(account: String, permissions: SessionPermissions) async throws(FailureReason)
    -> any CloudSession
  {
    try check()
    let session = CrashingSession(
      session: try await cloud.session(account: account, permissions: permissions), point: point)
    try check()
    return session
  }

  private func check() throws(FailureReason) {
    do { try point.pass() } catch { throw .crashed }
  }
}

private struct CrashingSession: CloudSession {
  let session: any CloudSession
  let point: CrashPoint

  func perform(_ call: APICall, in region: String) async throws(FailureReason) -> CloudPage {
    do { try point.pass() } catch { throw .crashed }
    let page = try await session.perform(call, in: region)
    do { try point.pass() } catch { throw .crashed }
    return page
  }
}

/// A ledger whose connection dies with Reeve; what was committed stays.
package struct CrashingLedger: SweepLedger {
  private let ledger: any SweepLedger
  private let point: CrashPoint

  package init(_ ledger: any SweepLedger, point: CrashPoint) {
    self.ledger = ledger
    self.point = point
  }

  package func acquireLease(_ lease: Lease, now: Timestamp) async throws {
    try await point.around { try await ledger.acquireLease(lease, now: now) }
  }
  package func renewLease(holder: String, until expiry: Timestamp) async throws {
    try await point.around { try await ledger.renewLease(holder: holder, until: expiry) }
  }
  package func releaseLease(holder: String) async throws {
    try await point.around { try await ledger.releaseLease(holder: holder) }
  }
  package func beginSweep(_ sweep: SweepRecord) async throws {
    try await point.around { try await ledger.beginSweep(sweep) }
  }
  package func commit(_ result: ScopeResult, sweep: String, now: Timestamp) async throws {
    try await point.around { try await ledger.commit(result, sweep: sweep, now: now) }
  }
  package func record(coverage: [Coverage], sweep: String) async throws {
    try await point.around { try await ledger.record(coverage: coverage, sweep: sweep) }
  }
  package func record(accounts: [Account]) async throws {
    try await point.around { try await ledger.record(accounts: accounts) }
  }
  package func accounts() async throws -> [Account] { try await point.around { try await ledger.accounts() } }
  package func finishSweep(_ id: String, status: SweepRecord.Status, at time: Timestamp, calls: [String: Int])
    async throws
  {
    try await point.around { try await ledger.finishSweep(id, status: status, at: time, calls: calls) }
  }
  package func markInterruptedSweeps(now: Timestamp) async throws -> [SweepRecord] {
    try await point.around { try await ledger.markInterruptedSweeps(now: now) }
  }
  package func sweep(_ id: String) async throws -> SweepRecord? {
    try await point.around { try await ledger.sweep(id) }
  }
  package func sweeps(limit: Int) async throws -> [SweepRecord] {
    try await point.around { try await ledger.sweeps(limit: limit) }
  }
  package func coverage(ofSweep id: String) async throws -> [Coverage] {
    try await point.around { try await ledger.coverage(ofSweep: id) }
  }
  package func notEvaluated(ofSweep id: String) async throws -> [NotEvaluated] {
    try await point.around { try await ledger.notEvaluated(ofSweep: id) }
  }
  package func findings(matching query: FindingQuery) async throws -> [Finding] {
    try await point.around { try await ledger.findings(matching: query) }
  }
  package func resources(matching query: ResourceQuery) async throws -> [RecordedResource] {
    try await point.around { try await ledger.resources(matching: query) }
  }
  package func recordedAnswer(to key: AnswerKey, notBefore oldest: Timestamp) async throws -> RecordedAnswer? {
    try await point.around { try await ledger.recordedAnswer(to: key, notBefore: oldest) }
  }
  package func forgetAnswers(in scope: Scope, about resource: String) async throws {
    try await point.around { try await ledger.forgetAnswers(in: scope, about: resource) }
  }
  package func beginRun(_ run: RunRecord, actions: [JournalEntry]) async throws {
    try await point.around { try await ledger.beginRun(run, actions: actions) }
  }
  package func record(_ transition: JournalTransition) async throws {
    try await point.around { try await ledger.record(transition) }
  }
  package func finishRun(_ id: String, status: RunRecord.Status, at time: Timestamp, message: String) async throws {
    try await point.around { try await ledger.finishRun(id, status: status, at: time, message: message) }
  }
  package func run(_ id: String) async throws -> RunRecord? { try await point.around { try await ledger.run(id) } }
  package func runs(limit: Int) async throws -> [RunRecord] {
    try await point.around { try await ledger.runs(limit: limit) }
  }
  package func journal(ofRun id: String) async throws -> [JournalEntry] {
    try await point.around { try await ledger.journal(ofRun: id) }
  }
  package func dump() async throws -> String { try await point.around { try await ledger.dump() } }
}
