import Governance
import Orchestrator
import Testing

@testable import Ledger

@Suite struct LedgerSchemaTests {
  @Test(
    "A ledger of every earlier version becomes one of the present", arguments: 0..<LedgerSchema.current.migrations.count
  )
  func earlier(version: Int) async throws {
    let fresh = try await memoryLedger().dump()
    try await withFolder { folder in
      let path = folder + "/ledger.db"
      _ = try fileLedger(path, schema: LedgerSchema(migrations: Array(LedgerSchema.current.migrations.prefix(version))))
      #expect(try await fileLedger(path).dump() == fresh)
    }
  }

  @Test("Each migration runs once, in its order, and keeps what was there")
  func steps() async throws {
    let added = "ALTER TABLE sweeps ADD COLUMN note TEXT NOT NULL DEFAULT 'none'"
    let filled = "UPDATE sweeps SET note = 'from ' || id"
    try await withFolder { folder in
      let path = folder + "/ledger.db"
      try await fileLedger(path).beginSweep(sweep("s"))
      let next = LedgerSchema(migrations: LedgerSchema.current.migrations + [added, filled])
      _ = try fileLedger(path, schema: next)
      let again = try fileLedger(path, schema: next)
      let notes = try await again.read("test") { database throws(LedgerError) in
        try database.rows("SELECT note FROM sweeps") { $0.text(0) }
      }
      #expect(notes == ["from s"])
    }
  }

  @Test("A migration that fails leaves the version before it")
  func failing() async throws {
    try await withFolder { folder in
      let path = folder + "/ledger.db"
      let before = try await fileLedger(path).dump()
      let broken = LedgerSchema(
        migrations: LedgerSchema.current.migrations + [
          "INSERT INTO meta VALUES ('half', 'done'); SELECT * FROM nowhere"
        ])
      #expect(throws: LedgerError.self) { try fileLedger(path, schema: broken) }
      #expect(try await fileLedger(path).dump() == before)
    }
  }

  @Test("A ledger that a newer reeve wrote is refused and left alone")
  func newer() async throws {
    try await withFolder { folder in
      let path = folder + "/ledger.db"
      let count = LedgerSchema.current.migrations.count
      let newer = LedgerSchema(migrations: LedgerSchema.current.migrations + ["CREATE TABLE later(x)"])
      try await fileLedger(path, schema: newer).beginSweep(sweep("s"))
      #expect(throws: LedgerError.newerSchema(found: count + 1, supported: count, path: path)) { try fileLedger(path) }
      #expect(try await fileLedger(path, schema: newer).sweeps(limit: 9).count == 1)
    }
  }

  @Test("Whichever statement of the first opening fails, the next opening works")
  func opening() async throws {
    let fresh = try await memoryLedger().dump()
    var number = 0
    var failed = true
    while failed {
      number += 1
      let fault = Fault()
      fault.arm(number)
      failed = try await withFolder { folder in
        let path = folder + "/ledger.db"
        var failed = false
        do {
          _ = try fileLedger(path) { sql throws(LedgerError) in try fault.pass(sql) }
        } catch is LedgerError {
          failed = true
        }
        #expect(try await fileLedger(path).dump() == fresh)
        return failed
      }
    }
    #expect(number > 5)
  }
}
