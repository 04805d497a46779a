import Governance
import Orchestrator
import Testing

@testable import Ledger

@Suite struct JournalTests {
  private let run = RunRecord(id: "r1", kind: .apply, subject: "sha", startedAt: at(0))

  private func entries(_ count: Int) -> [JournalEntry] {
    (1...count).map { JournalEntry(run: "r1", number: $0, action: action("ami-\($0)"), at: at(0)) }
  }

  @Test("A run keeps its actions, the state of each, and every step")
  func steps() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginRun(run, actions: entries(2))
    #expect(try await ledger.journal(ofRun: "r1") == entries(2))
    let steps: [(JournalEntry.State, Int64)] = [(.started, 1), (.applied, 2), (.verified, 3)]
    for (state, minute) in steps {
      try await ledger.record(
        JournalTransition(run: "r1", number: 1, state: state, at: at(minute), message: state.rawValue))
    }
    try await ledger.finishRun("r1", status: .stopped, at: at(4), message: "line stopped")
    let journal = try await ledger.journal(ofRun: "r1")
    #expect(journal.map(\.state) == [.verified, .planned])
    #expect(journal.map(\.at) == [at(3), at(0)])
    #expect(journal.map(\.message) == ["verified", ""])
    #expect(journal.map(\.action) == [action("ami-1"), action("ami-2")])
    var finished = run
    finished.status = .stopped
    finished.finishedAt = at(4)
    finished.message = "line stopped"
    #expect(try await ledger.run("r1") == finished)
    #expect(try await ledger.runs(limit: 5) == [finished])
    let dump = try await ledger.dump()
    #expect(dump.split(separator: "\n").filter { $0.contains("\"step\":") }.count == 5)
  }

  @Test("What is in no journal cannot be recorded")
  func unknown() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginRun(run, actions: entries(1))
    let before = try await ledger.dump()
    await #expect(throws: LedgerError.self) {
      try await ledger.record(JournalTransition(run: "r1", number: 2, state: .started, at: at(1)))
    }
    await #expect(throws: LedgerError.self) {
      try await ledger.finishRun("r2", status: .complete, at: at(1), message: "")
    }
    await #expect(throws: LedgerError.self) { try await ledger.beginRun(run, actions: []) }
    #expect(try await ledger.dump() == before)
  }

  @Test("Journal steps are on the disk before they return, scopes need not be")
  func durable() async throws {
    let fault = Fault()
    try await withFolder { folder in
      let ledger = try fileLedger(folder + "/ledger.db") { sql throws(LedgerError) in try fault.pass(sql) }
      try await ledger.beginSweep(sweep("s"))
      fault.arm(0)
      try await ledger.beginRun(run, actions: entries(1))
      try await ledger.record(JournalTransition(run: "r1", number: 1, state: .started, at: at(1)))
      try await ledger.commit(result([image("ami-1")]), sweep: "s", now: at(0))
    }
    let modes = fault.statements.filter { $0.contains("synchronous") }
    #expect(modes == ["PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"])
  }
}
