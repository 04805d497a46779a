import Determinism
import Foundation
import Governance
import Orchestrator
import Synchronization
import Testing

@testable import Ledger

@Suite struct FailureTests {
  struct Operation: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var run: @Sendable (SQLiteLedger) async throws -> Void
  }

  static let operations = [
    Operation(testDescription: "a scope") { ledger in
      let answer = RecordedAnswer(
        key: AnswerKey(scope: scope, call: APICall(service: "ec2", operation: "X", parameters: .emptyObject)), body: 1,
        readAt: at(1))
      try await ledger.commit(
        result(
          [image("ami-1", attributes: ["Public": false]), image("ami-3")],
          [verdict(.pass), verdict(failing, on: 1), verdict(unread, on: 1, check: "other")], coverage: .scanned,
          answers: [answer]), sweep: "s", now: at(1))
    },
    Operation(testDescription: "coverage") { ledger in
      try await ledger.record(
        coverage: ["a", "b"].map { Coverage(scope: Scope(account: $0, region: "*"), verdict: .excluded, reason: "r") },
        sweep: "s")
    },
    Operation(testDescription: "the end of a sweep") { ledger in
      try await ledger.finishSweep("s", status: .complete, at: at(2), calls: [:])
    },
    Operation(testDescription: "interrupted sweeps") { ledger in _ = try await ledger.markInterruptedSweeps(now: at(2))
    },
    Operation(testDescription: "a lease") { ledger in
      try await ledger.acquireLease(Lease(holder: "h", purpose: "sweep", since: at(0), expiry: at(9)), now: at(0))
    },
    Operation(testDescription: "a run") { ledger in
      try await ledger.beginRun(
        RunRecord(id: "r", kind: .apply, subject: "x", startedAt: at(0)),
        actions: [1, 2].map { JournalEntry(run: "r", number: $0, action: action("ami-1"), at: at(0)) })
    },
    Operation(testDescription: "a step of the journal") { ledger in
      try await ledger.record(JournalTransition(run: "r0", number: 1, state: .started, at: at(1)))
    },
  ]

  @Test("Whichever statement fails, nothing or everything is there, and the next try works", arguments: operations)
  func everyStatement(of operation: Operation) async throws {
    let expected = try await prepared(nil)
    try await operation.run(expected)
    let after = try await expected.dump()
    var number = 0
    var failed = true
    while failed {
      number += 1
      let fault = Fault()
      let ledger = try await prepared(fault)
      let before = try await ledger.dump()
      fault.arm(number)
      do {
        try await operation.run(ledger)
        failed = false
      } catch let error as LedgerError {
        fault.disarm()
        #expect("\(error)".contains("injected"))
        #expect(try await ledger.dump() == before, "statement \(number) left a half state")
        try await operation.run(ledger)
      }
      fault.disarm()
      #expect(try await ledger.dump() == after)
    }
    #expect(number > 3)
  }

  private func prepared(_ fault: Fault?) async throws -> SQLiteLedger {
    let ledger = try memoryLedger { sql throws(LedgerError) in try fault?.pass(sql) }
    try await ledger.beginSweep(sweep("s"))
    try await ledger.commit(
      result([image("ami-1"), image("ami-2")], [verdict(failing), verdict(failing, on: 1)]), sweep: "s", now: at(0))
    try await ledger.beginRun(
      RunRecord(id: "r0", kind: .apply, subject: "x", startedAt: at(0)),
      actions: [JournalEntry(run: "r0", number: 1, action: action("ami-1"), at: at(0))])
    return ledger
  }

  @Test("A copy of the files at any statement of a commit opens with the state before it")
  func crash() async throws {
    try await withFolder { folder in
      let path = folder + "/ledger.db"
      let copies = Mutex<[String]>([])
      let copying = Mutex(false)
      let ledger = try fileLedger(path) { sql throws(LedgerError) in
        guard copying.withLock({ $0 }) else { return }
        let copy = "\(folder)/copy-\(copies.withLock { $0.count }).db"
        do {
          for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
          }
        } catch {
          throw .storage(code: 0, message: "\(error)", path: copy, doing: sql)
        }
        copies.withLock { $0.append(copy) }
      }
      try await ledger.beginSweep(sweep("s"))
      try await ledger.commit(result([image("ami-1")], [verdict(failing)]), sweep: "s", now: at(0))
      let before = try await ledger.dump()
      copying.withLock { $0 = true }
      let many = (0..<50).map {
        image("ami-\($0)", attributes: ["Text": Document(String(repeating: "x", count: 3_000))])
      }
      try await ledger.commit(
        result(many, many.indices.map { verdict(failing, on: $0) }), sweep: "s", now: at(1))
      copying.withLock { $0 = false }
      let taken = copies.withLock { $0 }
      #expect(taken.count > 150)
      for copy in taken {
        let opened = try fileLedger(copy)
        #expect(try await opened.dump() == before)
        #expect(try await opened.markInterruptedSweeps(now: at(2)).map(\.id) == ["s"])
      }
    }
  }

  @Test("A full disk leaves the state before, and says what was being done")
  func full() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("s"))
    let before = try await ledger.dump()
    try await ledger.perform("test") { database throws(LedgerError) in
      let pages = try database.rows("PRAGMA page_count") { $0.integer(0) }.first ?? 0
      try database.script("PRAGMA max_page_count = \(pages + 3)")
    }
    let many = (0..<50).map { image("ami-\($0)", attributes: ["Text": Document(String(repeating: "x", count: 3_000))]) }
    do {
      try await ledger.commit(result(many), sweep: "s", now: at(0))
      Issue.record("nothing was full")
    } catch let error as LedgerError {
      #expect(
        error.description
          == ":memory:: committing 012345678901/eu-central-1 of the sweep s: database or disk is full (SQLite code 13)")
    }
    #expect(try await ledger.dump() == before)
  }

  @Test("A ledger that another writer holds is an error after the patience is over")
  func locked() async throws {
    try await withFolder { folder in
      let one = try fileLedger(folder + "/ledger.db")
      let two = try fileLedger(folder + "/ledger.db")
      try await one.beginSweep(sweep("s"))
      try await one.perform("test") { database throws(LedgerError) in try database.script("BEGIN IMMEDIATE") }
      await #expect(
        throws: LedgerError.storage(
          code: 5, message: "database is locked", path: folder + "/ledger.db", doing: "beginning the sweep t")
      ) { try await two.beginSweep(sweep("t")) }
      #expect(try await two.sweeps(limit: 9).map(\.id) == ["s"])
      try await one.perform("test") { database throws(LedgerError) in try database.script("ROLLBACK") }
      try await two.beginSweep(sweep("t"))
    }
  }

  @Test("Files that are no ledger are refused with the path and left alone")
  func notALedger() async throws {
    try await withFolder { folder in
      #expect(throws: LedgerError.self) { try fileLedger(folder + "/missing/ledger.db") }
      let text = folder + "/text.db"
      let content = Data(String(repeating: "this is no database ", count: 100).utf8)
      try content.write(to: URL(fileURLWithPath: text))
      #expect(throws: LedgerError.self) { try fileLedger(text) }
      #expect(try Data(contentsOf: URL(fileURLWithPath: text)) == content)
      let other = folder + "/other.db"
      do {
        let database = try SQLiteDatabase(path: other, doing: "test", patience: .zero, hook: nil)
        try database.script("CREATE TABLE theirs(x)")
      }
      do {
        _ = try fileLedger(other)
        Issue.record("another program's database was taken for a ledger")
      } catch let error as LedgerError {
        #expect(error.description.contains("this SQLite file is no ledger of reeve"))
      }
    }
  }

  @Test("Damage inside a stored document is reported, not read over")
  func damaged() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("s"))
    try await ledger.commit(result([image("ami-1")], [verdict(failing)]), sweep: "s", now: at(0))
    try await ledger.write("test") { database throws(LedgerError) in
      try database.script("UPDATE contents SET content = x'0701'; UPDATE findings SET evidence = x'09'")
    }
    await #expect(throws: LedgerError.self) { _ = try await ledger.resources(matching: ResourceQuery()) }
    await #expect(throws: LedgerError.self) { _ = try await ledger.findings(matching: FindingQuery()) }
    await #expect(throws: LedgerError.self) { _ = try await ledger.dump() }
  }
}
