import CSQLite
import Orchestrator

/// One connection to a ledger file.
///
/// Invariants:
/// 1. A statement that `rows` or `run` used is reset when they return, also after an error.
/// 2. No transaction is open outside `transaction`; one that fails is rolled back before its error is thrown.
/// 3. `doing` says for a person what is being done; every error carries it.
@safe final class SQLiteDatabase {
  /// Called with the SQL of each statement before it runs; tests throw from it. A rollback is not announced.
  typealias Hook = @Sendable (_ sql: String) throws(LedgerError) -> Void

  let path: String
  var doing: String
  private let handle: OpaquePointer
  private let hook: Hook?
  /// FULL is what SQLite begins with.
  private var synchronous = Synchronous.full
  private var statements: [StatementKey: SQLiteStatement] = [:]

  /// The text of a statement. Texts are long and few: their lengths tell nearly all of them apart, at no cost.
  private struct StatementKey: Hashable {
    let sql: String

    func hash(into hasher: inout Hasher) { hasher.combine(sql.utf8.count) }
  }

  /// SQLite's own name for a database that lives as long as the connection.
  static let memory = ":memory:"

  /// `patience` is how long a call waits for a lock that another connection holds.
  init(path: String, doing: String, patience: Duration, hook: Hook?) throws(LedgerError) {
    self.path = path
    self.doing = doing
    self.hook = hook
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let connection = unsafe opened else {
      let message = unsafe opened.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "not enough memory"
      unsafe sqlite3_close_v2(opened)
      throw LedgerError.storage(
        code: code, message: "\(message); does its folder exist, and may it be written?", path: path, doing: doing)
    }
    unsafe handle = unsafe connection
    unsafe sqlite3_busy_timeout(handle, Int32(patience / .milliseconds(1)))
  }

  deinit {
    statements.removeAll()
    unsafe sqlite3_close_v2(handle)
  }

  /// Runs a statement that gives no rows; how many rows it changed.
  @discardableResult
  func run(_ sql: String, _ values: SQLiteValue...) throws(LedgerError) -> Int {
    let statement = try started(sql, values)
    defer { statement.reset() }
    while true {
      let code = statement.step()
      if code == SQLITE_DONE { return Int(unsafe sqlite3_changes64(handle)) }
      if code != SQLITE_ROW { throw failure(code) }
    }
  }

  /// What `read` makes of each row.
  func rows<Value>(
    _ sql: String, _ values: SQLiteValue..., read: (SQLiteStatement) throws(LedgerError) -> Value
  ) throws(LedgerError) -> [Value] {
    let statement = try started(sql, values)
    defer { statement.reset() }
    var found: [Value] = []
    while true {
      let code = statement.step()
      if code == SQLITE_DONE { return found }
      if code != SQLITE_ROW { throw failure(code) }
      found.append(try read(statement))
    }
  }

  /// Does the query give a row?
  func holds(_ sql: String, _ values: SQLiteValue...) throws(LedgerError) -> Bool {
    let statement = try started(sql, values)
    defer { statement.reset() }
    let code = statement.step()
    guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(code) }
    return code == SQLITE_ROW
  }

  var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

  /// All or nothing. A writer takes the write lock at once, so that it never finds at its end that another was faster.
  func transaction<Value>(
    writing: Bool = true, _ body: () throws(LedgerError) -> Value
  ) throws(LedgerError) -> Value {
    try run(writing ? "BEGIN IMMEDIATE" : "BEGIN")
    do {
      let value = try body()
      try run("COMMIT")
      return value
    } catch {
      rollBack()
      throw error
    }
  }

  /// After a full disk or an I/O error SQLite has rolled back by itself. What cannot be rolled back now is rolled back
  /// from the journal file by the next open.
  private func rollBack() {
    if unsafe sqlite3_get_autocommit(handle) == 0 { unsafe sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
  }

  /// When a commit returns: with `normal` the operating system has it, with `full` the disk.
  enum Synchronous: String {
    case normal = "NORMAL"
    case full = "FULL"
  }

  func setSynchronous(_ mode: Synchronous) throws(LedgerError) {
    // What lives in memory is on no disk.
    guard mode != synchronous, path != Self.memory else { return }
    try script("PRAGMA synchronous = \(mode.rawValue)")
    synchronous = mode
  }

  /// Several statements without values: migrations.
  func script(_ sql: String) throws(LedgerError) {
    try hook?(sql)
    let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw failure(code) }
  }

  private func started(_ sql: String, _ values: [SQLiteValue]) throws(LedgerError) -> SQLiteStatement {
    try hook?(sql)
    let statement = try prepared(sql)
    let code = statement.bind(values)
    if code != SQLITE_OK {
      statement.reset()
      throw failure(code)
    }
    return statement
  }

  private func prepared(_ sql: String) throws(LedgerError) -> SQLiteStatement {
    if let statement = statements[StatementKey(sql: sql)] { return statement }
    var handle: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(self.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let prepared = unsafe handle else { throw failure(code) }
    let statement = unsafe SQLiteStatement(taking: prepared)
    statements[StatementKey(sql: sql)] = statement
    return statement
  }

  private func failure(_ code: Int32) -> LedgerError {
    let message = unsafe String(cString: sqlite3_errmsg(handle))
    return .storage(code: code, message: message, path: path, doing: doing)
  }

  /// An error that is Reeve's own word about the content.
  func corrupt(_ message: String) -> LedgerError {
    .storage(code: SQLITE_CORRUPT, message: message, path: path, doing: doing)
  }

  /// What was named is not there, or does not belong there: the caller's mistake.
  func unknown(_ message: String) -> LedgerError {
    .storage(code: SQLITE_MISUSE, message: message, path: path, doing: doing)
  }
}
