import Determinism
import Foundation
import Governance
import Orchestrator
import Synchronization

@testable import Ledger

let start = Timestamp(seconds: 1_795_000_000)
func at(_ minutes: Int64) -> Timestamp { start + .seconds(60 * minutes) }

let scope = Scope(account: "012345678901", region: "eu-central-1")

func memoryLedger(hook: SQLiteDatabase.Hook? = nil) throws -> SQLiteLedger {
  try SQLiteLedger(.memory, lane: DirectLane(), schema: .current, patience: .zero, hook: hook)
}

func fileLedger(
  _ path: String, schema: LedgerSchema = .current, hook: SQLiteDatabase.Hook? = nil
) throws -> SQLiteLedger {
  try SQLiteLedger(.file(path), lane: DirectLane(), schema: schema, patience: .zero, hook: hook)
}

func sweep(_ id: String, at time: Timestamp = start) -> SweepRecord {
  SweepRecord(id: id, organization: "o-abc", startedAt: time, checks: ["public-image"], selection: "s")
}

func image(
  _ id: String, in scope: Scope = scope, attributes: Document = ["Public": true], notes: [AttributeNote] = []
) -> Resource {
  Resource(
    type: "ec2:image", id: id, arn: "arn:aws:ec2:\(scope.region):\(scope.account):image/\(id)", account: scope.account,
    region: scope.region, tags: [Tag(key: "Name", value: "n-\(id)")], attributes: attributes, notes: notes)
}

func verdict(_ verdict: Verdict, on resource: Int = 0, check: String = "public-image") -> ScopeVerdict {
  ScopeVerdict(check: check, severity: .high, resource: resource, verdict: verdict)
}

let failing = Verdict.fail(message: "anyone may launch it", evidence: ["LaunchPermissions": [["Group": "all"]]])
let unread = Verdict.notEvaluated(
  FailureReason(kind: .denied, code: "UnauthorizedOperation", message: "You are not authorized"))

func result(
  _ resources: [Resource], _ verdicts: [ScopeVerdict] = [], coverage: Coverage.Verdict = .scanned,
  in scope: Scope = scope, wanted: [String] = ["Public"], answers: [RecordedAnswer] = []
) -> ScopeResult {
  ScopeResult(
    coverage: Coverage(scope: scope, verdict: coverage, reason: "", resources: resources.count), resources: resources,
    completeTypes: ["ec2:image"], wanted: ["ec2:image": wanted], verdicts: verdicts, answers: answers)
}

func action(_ id: String) -> Action {
  let read = APICall(service: "ec2", operation: "DescribeImageAttribute", parameters: ["ImageId": Document(id)])
  let observation = Observation(
    call: read, expectations: [.init(path: "LaunchPermissions", comparison: .contains, value: ["Group": "all"])])
  let change = APICall(service: "ec2", operation: "ModifyImageAttribute", parameters: ["ImageId": Document(id)])
  return Action(
    plugin: "revoke-public-access", check: "public-image",
    resource: ResourceKey(type: "ec2:image", id: id, account: scope.account, region: scope.region), arn: "arn:\(id)",
    summary: "stop sharing \(id) with everyone", risk: .medium, call: change, precondition: observation, undo: change,
    verification: observation, before: ["Groups": ["all"]], after: ["Groups": []])
}

/// Fails the Nth statement after it was armed.
final class Fault: Sendable {
  struct State {
    var remaining: Int?
    var statements: [String] = []
  }
  let state = Mutex(State())

  var statements: [String] { state.withLock { $0.statements } }
  func arm(_ number: Int) { state.withLock { $0 = State(remaining: number) } }
  func disarm() { state.withLock { $0.remaining = nil } }

  func pass(_ sql: String) throws(LedgerError) {
    let fails = state.withLock { state in
      state.statements.append(sql)
      guard let remaining = state.remaining else { return false }
      state.remaining = remaining - 1
      return remaining == 1
    }
    if fails { throw .storage(code: 10, message: "injected", path: "", doing: sql) }
  }
}

/// A folder that is removed when the body ends.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reeve-ledger-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  do {
    let value = try await body(folder.path)
    try FileManager.default.removeItem(at: folder)
    return value
  } catch {
    try FileManager.default.removeItem(at: folder)
    throw error
  }
}
