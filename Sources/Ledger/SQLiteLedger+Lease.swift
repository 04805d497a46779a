package import Governance
package import Orchestrator

extension SQLiteLedger {
  /// A holder whose lease ran out is dead: it would have renewed it.
  package func acquireLease(_ lease: Lease, now: Timestamp) async throws {
    try await write("taking the lease for \(lease.holder)") { database throws(LedgerError) in
      if let current = try Self.lease(in: database), current.expiry > now {
        throw LedgerError.held(by: current)
      }
      try database.run(
        "INSERT OR REPLACE INTO lease(slot, holder, purpose, since, expiry) VALUES (1, ?, ?, ?, ?)",
        .text(lease.holder), .text(lease.purpose), .init(lease.since), .init(lease.expiry))
    }
  }

  package func renewLease(holder: String, until expiry: Timestamp) async throws {
    try await write("renewing the lease of \(holder)") { database throws(LedgerError) in
      let renewed = try database.run("UPDATE lease SET expiry = ? WHERE holder = ?", .init(expiry), .text(holder))
      if renewed == 0 { throw LedgerError.leaseLost(to: try Self.lease(in: database)) }
    }
  }

  /// The lease of another holder, who took it over meanwhile, stays.
  package func releaseLease(holder: String) async throws {
    try await write("releasing the lease of \(holder)") { database throws(LedgerError) in
      _ = try database.run("DELETE FROM lease WHERE holder = ?", .text(holder))
    }
  }

  private static func lease(in database: SQLiteDatabase) throws(LedgerError) -> Lease? {
    try database.rows("SELECT holder, purpose, since, expiry FROM lease") { row in
      Lease(holder: row.text(0), purpose: row.text(1), since: row.timestamp(2), expiry: row.timestamp(3))
    }.first
  }
}
