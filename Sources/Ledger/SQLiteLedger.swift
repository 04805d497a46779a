package import Determinism
import Governance
package import Orchestrator
import Synchronization

/// The ledger in one SQLite file.
///
/// Invariants:
/// 1. Every port call is one transaction: what it says is there whole or not at all.
/// 2. One connection, used by one call at a time, on the lane. Other processes may read and write the same file: WAL
///    keeps readers and the writer apart, and a writer waits up to five seconds for another.
/// 3. The journal is on the disk before a call that it speaks of is made (synchronous=FULL there); a sweep may lose its
///    last scopes with the power, never its consistency.
package final class SQLiteLedger: SweepLedger {
  package enum Place: Sendable, Equatable {
    case file(String)
    /// Lives as long as the ledger: for sweeps of an embedded simulator, and for tests.
    case memory
  }

  let commits = SharedCommits()
  private let lane: any Lane
  private let database: Mutex<SQLiteDatabase>

  /// Opens the ledger, made anew where there is none. Blocks on the file.
  package convenience init(_ place: Place, lane: any Lane) throws(LedgerError) {
    try self.init(place, lane: lane, schema: .current, patience: .seconds(5), hook: nil)
  }

  init(
    _ place: Place, lane: any Lane, schema: LedgerSchema, patience: Duration, hook: SQLiteDatabase.Hook?
  ) throws(LedgerError) {
    self.lane = lane
    database = Mutex(try Self.open(place, schema: schema, patience: patience, hook: hook))
  }

  private static func open(
    _ place: Place, schema: LedgerSchema, patience: Duration, hook: SQLiteDatabase.Hook?
  ) throws(LedgerError) -> sending SQLiteDatabase {
    let path =
      switch place {
      case .file(let path): path
      case .memory: SQLiteDatabase.memory
      }
    let database = try SQLiteDatabase(path: path, doing: "opening the ledger", patience: patience, hook: hook)
    try database.script("PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864")
    try schema.install(in: database)
    database.doing = "opening the ledger"
    try database.script("PRAGMA journal_mode = WAL")
    return database
  }

  /// Runs the body on the lane with the connection; errors say what was being done.
  func perform<Value: Sendable>(
    _ doing: String, _ body: @escaping @Sendable (SQLiteDatabase) throws(LedgerError) -> Value
  ) async throws -> Value {
    try await lane.run {
      try self.database.withLock { database in
        database.doing = doing
        return try body(database)
      }
    }
  }

  /// One write transaction.
  func write<Value: Sendable>(
    _ doing: String, _ body: @escaping @Sendable (SQLiteDatabase) throws(LedgerError) -> Value
  ) async throws -> Value {
    try await transaction(doing, .normal, body)
  }

  /// One write transaction that is on the disk when this returns.
  func writeDurably<Value: Sendable>(
    _ doing: String, _ body: @escaping @Sendable (SQLiteDatabase) throws(LedgerError) -> Value
  ) async throws -> Value {
    try await transaction(doing, .full, body)
  }

  private func transaction<Value: Sendable>(
    _ doing: String, _ mode: SQLiteDatabase.Synchronous,
    _ body: @escaping @Sendable (SQLiteDatabase) throws(LedgerError) -> Value
  ) async throws -> Value {
    try await perform(doing) { database throws(LedgerError) in
      try database.setSynchronous(mode)
      return try database.transaction { () throws(LedgerError) in try body(database) }
    }
  }

  /// Several reads of one state.
  func read<Value: Sendable>(
    _ doing: String, _ body: @escaping @Sendable (SQLiteDatabase) throws(LedgerError) -> Value
  ) async throws -> Value {
    try await perform(doing) { database throws(LedgerError) in
      try database.transaction(writing: false) { () throws(LedgerError) in try body(database) }
    }
  }
}
