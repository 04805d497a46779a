import Governance
import Orchestrator
import Testing

@testable import Ledger

@Suite struct SweepRecordTests {
  @Test("A sweep is recorded from its beginning to its end")
  func sweeps() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("a", at: at(0)))
    try await ledger.beginSweep(sweep("b", at: at(1)))
    try await ledger.finishSweep("b", status: .complete, at: at(2), calls: ["ec2:DescribeImages": 3])
    var finished = sweep("b", at: at(1))
    finished.status = .complete
    finished.finishedAt = at(2)
    finished.calls = ["ec2:DescribeImages": 3]
    #expect(try await ledger.sweeps(limit: 10) == [finished, sweep("a", at: at(0))])
    #expect(try await ledger.sweeps(limit: 1).map(\.id) == ["b"])
    #expect(try await ledger.sweep("c") == nil)
    await #expect(throws: LedgerError.self) {
      try await ledger.finishSweep("c", status: .complete, at: at(2), calls: [:])
    }
  }

  @Test("A sweep that never finished is interrupted, once, and may be resumed")
  func interrupted() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("a", at: at(0)))
    try await ledger.beginSweep(sweep("b", at: at(1)))
    try await ledger.commit(result([image("ami-1")]), sweep: "b", now: at(1))
    let marked = try await ledger.markInterruptedSweeps(now: at(9))
    #expect(marked.map(\.id) == ["b", "a"])
    #expect(marked.allSatisfy { $0.status == .interrupted && $0.finishedAt == at(9) })
    #expect(try await ledger.sweep("a") == marked.last)
    #expect(try await ledger.markInterruptedSweeps(now: at(10)).isEmpty)
    try await ledger.beginSweep(sweep("b", at: at(1)))
    #expect(try await ledger.sweep("b")?.status == .running)
    #expect(try await ledger.coverage(ofSweep: "b").count == 1)
  }

  @Test("Committing a scope again replaces its coverage and what was not evaluated")
  func twice() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("s"))
    try await ledger.record(
      coverage: [
        Coverage(scope: Scope(account: scope.account, region: "*"), verdict: .assumeRoleFailed, reason: "denied"),
        Coverage(scope: Scope(account: "999999999999", region: "*"), verdict: .accountNotActive, reason: "SUSPENDED"),
      ], sweep: "s")
    try await ledger.commit(result([image("ami-1")], [verdict(unread)], coverage: .partial), sweep: "s", now: at(0))
    let missed = try await ledger.notEvaluated(ofSweep: "s")
    #expect(missed.map(\.check) == ["public-image"])
    #expect(missed.first?.reason.code == "UnauthorizedOperation")
    #expect(missed.first?.reason.kind == .denied)
    #expect(missed.first?.arn == image("ami-1").arn)
    try await ledger.commit(result([image("ami-1")], [verdict(.pass)]), sweep: "s", now: at(1))
    #expect(try await ledger.notEvaluated(ofSweep: "s").isEmpty)
    let coverage = try await ledger.coverage(ofSweep: "s")
    #expect(coverage.map(\.verdict) == [.scanned, .accountNotActive])
    #expect(coverage.first?.resources == 1)
  }

  @Test("A gap over a whole account outlives a scope that could not be looked at")
  func wholeAccountGap() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("s"))
    let gap = Coverage(scope: Scope(account: scope.account, region: "*"), verdict: .denied, reason: "x")
    try await ledger.record(coverage: [gap], sweep: "s")
    try await ledger.commit(result([], coverage: .interrupted), sweep: "s", now: at(0))
    #expect(try await ledger.coverage(ofSweep: "s").map(\.verdict) == [.denied, .interrupted])
  }
}
