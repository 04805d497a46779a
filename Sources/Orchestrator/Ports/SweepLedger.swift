package import Governance

/// The port to the durable store of inventory, findings, sweeps and journal. `Ledger` implements it in SQLite; a shared
/// PostgreSQL can follow behind the same port.
package protocol SweepLedger: Sendable {
  // Lease: one sweep or apply at a time holds the ledger.

  /// Takes the lease, or that of a dead holder (its expiry has passed). Throws `LedgerError.held` otherwise.
  func acquireLease(_ lease: Lease, now: Timestamp) async throws
  /// Throws `LedgerError.leaseLost` when another holder took it meanwhile.
  func renewLease(holder: String, until expiry: Timestamp) async throws
  func releaseLease(holder: String) async throws

  // Sweeps.

  /// With the id of an interrupted sweep: that sweep goes on, and its gaps are to be looked at again.
  func beginSweep(_ sweep: SweepRecord) async throws
  /// One scope, committed whole or not at all.
  func commit(_ result: ScopeResult, sweep: String, now: Timestamp) async throws
  /// Coverage that no scope result carries: accounts not active, regions not opted in, exclusions, whole-account gaps.
  func record(coverage: [Coverage], sweep: String) async throws
  /// The accounts as the organization lists them now, for their names.
  func record(accounts: [Account]) async throws
  /// Sorted by id.
  func accounts() async throws -> [Account]
  func finishSweep(_ id: String, status: SweepRecord.Status, at time: Timestamp, calls: [String: Int]) async throws
  /// Sweeps that began and never finished become `interrupted`; returned, latest first.
  func markInterruptedSweeps(now: Timestamp) async throws -> [SweepRecord]
  func sweep(_ id: String) async throws -> SweepRecord?
  func sweeps(limit: Int) async throws -> [SweepRecord]
  func coverage(ofSweep id: String) async throws -> [Coverage]
  func notEvaluated(ofSweep id: String) async throws -> [NotEvaluated]

  // Findings and inventory. Sorted by resource key, then check.

  func findings(matching query: FindingQuery) async throws -> [Finding]
  func resources(matching query: ResourceQuery) async throws -> [RecordedResource]

  // Answers recorded for reuse.

  /// A recorded answer that was read at or after `oldest`.
  func recordedAnswer(to key: AnswerKey, notBefore oldest: Timestamp) async throws -> RecordedAnswer?

  /// Drops the recorded answers of a scope whose parameters name this resource: it was just changed.
  func forgetAnswers(in scope: Scope, about resource: String) async throws

  // Journal.

  func beginRun(_ run: RunRecord, actions: [JournalEntry]) async throws
  /// One transition, written before or after the call it speaks of.
  func record(_ transition: JournalTransition) async throws
  func finishRun(_ id: String, status: RunRecord.Status, at time: Timestamp, message: String) async throws
  func run(_ id: String) async throws -> RunRecord?
  func runs(limit: Int) async throws -> [RunRecord]
  func journal(ofRun id: String) async throws -> [JournalEntry]

  /// The whole content as text, in a stable order: two ledgers of equal content give equal bytes.
  func dump() async throws -> String
}

package enum LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
  case held(by: Lease)
  case leaseLost(to: Lease?)
  /// A newer Reeve wrote this ledger.
  case newerSchema(found: Int, supported: Int, path: String)
  /// SQLite's code and message, the path, and what was being done.
  case storage(code: Int32, message: String, path: String, doing: String)

  package var description: String {
    switch self {
    case .held(let lease):
      "another \(lease.purpose) holds the ledger: \(lease.holder), since \(lease.since.iso8601), "
        + "its lease ends \(lease.expiry.iso8601) unless renewed"
    case .leaseLost(let lease):
      "the lease on the ledger was lost"
        + (lease.map { " to \($0.holder) (\($0.purpose), since \($0.since.iso8601))" } ?? "")
    case .newerSchema(let found, let supported, let path):
      "\(path) has schema version \(found), this reeve reads up to \(supported): use the reeve that wrote it, or another --ledger"
    case .storage(let code, let message, let path, let doing):
      "\(path): \(doing): \(message) (SQLite code \(code))"
    }
  }
}

package struct Lease: Sendable, Equatable {
  /// Host and process, for a person: `web-1 pid 4711`.
  package var holder: String
  /// `sweep`, `apply`, `undo`.
  package var purpose: String
  package var since: Timestamp
  package var expiry: Timestamp

  package init(holder: String, purpose: String, since: Timestamp, expiry: Timestamp) {
    self.holder = holder
    self.purpose = purpose
    self.since = since
    self.expiry = expiry
  }
}

package struct SweepRecord: Sendable, Equatable {
  package enum Status: String, Sendable { case running, complete, interrupted, failed }
  package var id: String
  package var organization: String
  package var startedAt: Timestamp
  package var finishedAt: Timestamp?
  package var status: Status
  /// Check ids, sorted.
  package var checks: [String]
  /// A digest of the options that decide what is looked at: only a sweep with the same one can be resumed.
  package var selection: String
  package var calls: [String: Int]

  package init(
    id: String, organization: String, startedAt: Timestamp, finishedAt: Timestamp? = nil, status: Status = .running,
    checks: [String], selection: String, calls: [String: Int] = [:]
  ) {
    self.id = id
    self.organization = organization
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.status = status
    self.checks = checks
    self.selection = selection
    self.calls = calls
  }
}

/// All that one scope gave.
package struct ScopeResult: Sendable {
  package var coverage: Coverage
  package var resources: [Resource]
  /// Types that were listed completely: a recorded resource of one of these that is not in `resources` is gone, and its
  /// findings are resolved.
  package var completeTypes: [String]
  /// Attributes that this sweep asked for, by type: attributes recorded earlier that were not asked for now are kept.
  package var wanted: [String: [String]]
  package var verdicts: [ScopeVerdict]
  package var answers: [RecordedAnswer]

  package init(
    coverage: Coverage, resources: [Resource] = [], completeTypes: [String] = [], wanted: [String: [String]] = [:],
    verdicts: [ScopeVerdict] = [], answers: [RecordedAnswer] = []
  ) {
    self.coverage = coverage
    self.resources = resources
    self.completeTypes = completeTypes
    self.wanted = wanted
    self.verdicts = verdicts
    self.answers = answers
  }
}

package struct ScopeVerdict: Sendable {
  package var check: String
  package var severity: Severity
  /// Index in the scope's resources.
  package var resource: Int
  package var verdict: Verdict

  package init(check: String, severity: Severity, resource: Int, verdict: Verdict) {
    self.check = check
    self.severity = severity
    self.resource = resource
    self.verdict = verdict
  }
}

package struct FindingQuery: Sendable {
  package var statuses: [Finding.Status]
  /// Empty: all.
  package var checks: [String]
  package var accounts: [String]
  package var regions: [String]
  package var resourceIDs: [String]

  package init(
    statuses: [Finding.Status] = [.open, .reopened], checks: [String] = [], accounts: [String] = [],
    regions: [String] = [], resourceIDs: [String] = []
  ) {
    self.statuses = statuses
    self.checks = checks
    self.accounts = accounts
    self.regions = regions
    self.resourceIDs = resourceIDs
  }
}

package struct ResourceQuery: Sendable {
  package var types: [String]
  package var accounts: [String]
  package var regions: [String]
  package var ids: [String]
  package var includesGone: Bool

  package init(
    types: [String] = [], accounts: [String] = [], regions: [String] = [], ids: [String] = [],
    includesGone: Bool = false
  ) {
    self.types = types
    self.accounts = accounts
    self.regions = regions
    self.ids = ids
    self.includesGone = includesGone
  }
}

package struct RecordedResource: Sendable {
  package var resource: Resource
  package var firstSeen: Timestamp
  package var lastSeen: Timestamp
  /// When a complete listing no longer had it.
  package var goneSince: Timestamp?

  package init(resource: Resource, firstSeen: Timestamp, lastSeen: Timestamp, goneSince: Timestamp? = nil) {
    self.resource = resource
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.goneSince = goneSince
  }
}

/// Which call an answer belongs to.
package struct AnswerKey: Sendable, Hashable {
  package var scope: Scope
  package var service: String
  package var operation: String
  /// The parameters as one line of JSON.
  package var parameters: String

  package init(scope: Scope, call: APICall) {
    self.scope = scope
    service = call.service
    operation = call.operation
    parameters = call.parameters.json
  }
}

package struct RecordedAnswer: Sendable {
  package var key: AnswerKey
  package var body: Document
  package var readAt: Timestamp

  package init(key: AnswerKey, body: Document, readAt: Timestamp) {
    self.key = key
    self.body = body
    self.readAt = readAt
  }
}

/// One apply or undo.
package struct RunRecord: Sendable, Equatable {
  package enum Kind: String, Sendable { case apply, undo }
  package enum Status: String, Sendable { case running, complete, stopped, failed }
  package var id: String
  package var kind: Kind
  /// SHA-256 of the plan; for an undo, the run that is undone.
  package var subject: String
  package var startedAt: Timestamp
  package var finishedAt: Timestamp?
  package var status: Status
  package var message: String

  package init(
    id: String, kind: Kind, subject: String, startedAt: Timestamp, finishedAt: Timestamp? = nil,
    status: Status = .running, message: String = ""
  ) {
    self.id = id
    self.kind = kind
    self.subject = subject
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.status = status
    self.message = message
  }
}

/// One action of a run and how far it came.
package struct JournalEntry: Sendable, Equatable {
  package enum State: String, Sendable, CaseIterable {
    case planned, started, applied, verified, failed
    /// Nothing was called: its precondition did not hold, or the line was stopped before it.
    case skipped
    /// A later run took it back.
    case undone
  }
  package var run: String
  /// From 1, in the order of the plan.
  package var number: Int
  package var action: Action
  package var state: State
  package var at: Timestamp
  package var message: String

  package init(run: String, number: Int, action: Action, state: State = .planned, at: Timestamp, message: String = "") {
    self.run = run
    self.number = number
    self.action = action
    self.state = state
    self.at = at
    self.message = message
  }
}

package struct JournalTransition: Sendable, Equatable {
  package var run: String
  package var number: Int
  package var state: JournalEntry.State
  package var at: Timestamp
  package var message: String

  package init(run: String, number: Int, state: JournalEntry.State, at: Timestamp, message: String = "") {
    self.run = run
    self.number = number
    self.state = state
    self.at = at
    self.message = message
  }
}
