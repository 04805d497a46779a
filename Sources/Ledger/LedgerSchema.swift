import CSQLite
import Orchestrator

/// The ledger's tables, and how an older ledger becomes a present one.
///
/// The position of a migration in the list, from 1, is the schema version it leads to (`PRAGMA user_version`). A
/// migration that was released is never changed; a change of the schema is a new one at the end.
struct LedgerSchema {
  /// `REEV`, so that `file` and Reeve itself know a ledger from any other SQLite file.
  static let applicationID = 0x5245_4556

  var migrations: [String]

  static let current = LedgerSchema(migrations: [version1])

  /// Makes the tables, or brings older ones up to date, each step whole or not at all.
  func install(in database: SQLiteDatabase) throws(LedgerError) {
    database.doing = "reading the schema version"
    let application = try number("PRAGMA application_id", in: database)
    let isNew = try isEmpty(database)
    guard isNew || application == Self.applicationID else {
      throw LedgerError.storage(
        code: SQLITE_NOTADB, message: "this SQLite file is no ledger of reeve; name another one with --ledger",
        path: database.path, doing: database.doing)
    }
    try checked(try number("PRAGMA user_version", in: database), database)
    for (position, migration) in migrations.enumerated() {
      let version = position + 1
      guard try number("PRAGMA user_version", in: database) < version else { continue }
      database.doing = "bringing the schema to version \(version)"
      try database.transaction { () throws(LedgerError) in
        // Read again under the lock: another process may have been faster.
        guard try number("PRAGMA user_version", in: database) < version else { return }
        try database.script(migration)
        try database.script("PRAGMA application_id = \(Self.applicationID); PRAGMA user_version = \(version)")
      }
    }
  }

  private func checked(_ version: Int, _ database: SQLiteDatabase) throws(LedgerError) {
    guard version <= migrations.count else {
      throw LedgerError.newerSchema(found: version, supported: migrations.count, path: database.path)
    }
  }

  private func number(_ pragma: String, in database: SQLiteDatabase) throws(LedgerError) -> Int {
    Int(try database.rows(pragma) { $0.integer(0) }.first ?? 0)
  }

  private func isEmpty(_ database: SQLiteDatabase) throws(LedgerError) -> Bool {
    try database.rows("SELECT 1 FROM sqlite_schema LIMIT 1") { $0.integer(0) }.isEmpty
  }

  /// Times are nanoseconds since 1970 in UTC. Blobs are compact documents. What is written once a sweep for every
  /// resource (`resources`) is apart from what rarely changes (`contents`).
  private static let version1 = """
    CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('documents', 'compact-1');

    CREATE TABLE lease(
      slot INTEGER PRIMARY KEY CHECK (slot = 1), holder TEXT NOT NULL, purpose TEXT NOT NULL,
      since INTEGER NOT NULL, expiry INTEGER NOT NULL) STRICT;

    CREATE TABLE sweeps(
      id TEXT PRIMARY KEY, organization TEXT NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER,
      status TEXT NOT NULL CHECK (status IN ('running', 'complete', 'interrupted', 'failed')),
      checks TEXT NOT NULL, selection TEXT NOT NULL, calls TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE coverage(
      sweep TEXT NOT NULL REFERENCES sweeps(id) ON DELETE CASCADE, account TEXT NOT NULL, region TEXT NOT NULL,
      verdict TEXT NOT NULL, reason TEXT NOT NULL, resources INTEGER NOT NULL,
      PRIMARY KEY (sweep, account, region)) STRICT, WITHOUT ROWID;

    CREATE TABLE resources(
      number INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL,
      first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, gone_since INTEGER,
      UNIQUE (account, region, type, id)) STRICT;

    CREATE TABLE contents(
      resource INTEGER PRIMARY KEY REFERENCES resources(number) ON DELETE CASCADE, content BLOB NOT NULL) STRICT;

    CREATE TABLE findings(
      account TEXT NOT NULL, region TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, "check" TEXT NOT NULL,
      severity TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('open', 'excepted', 'resolved', 'reopened')),
      name TEXT NOT NULL, arn TEXT NOT NULL, message TEXT NOT NULL, evidence BLOB NOT NULL,
      since INTEGER NOT NULL, last_seen INTEGER NOT NULL, resolved_at INTEGER,
      PRIMARY KEY (account, region, type, id, "check")) STRICT, WITHOUT ROWID;

    CREATE TABLE not_evaluated(
      sweep TEXT NOT NULL REFERENCES sweeps(id) ON DELETE CASCADE, account TEXT NOT NULL, region TEXT NOT NULL,
      type TEXT NOT NULL, id TEXT NOT NULL, "check" TEXT NOT NULL, arn TEXT NOT NULL, kind INTEGER NOT NULL,
      code TEXT NOT NULL, message TEXT NOT NULL,
      PRIMARY KEY (sweep, account, region, type, id, "check")) STRICT, WITHOUT ROWID;

    CREATE TABLE answers(
      account TEXT NOT NULL, region TEXT NOT NULL, service TEXT NOT NULL, operation TEXT NOT NULL,
      parameters TEXT NOT NULL, body BLOB NOT NULL, read_at INTEGER NOT NULL,
      PRIMARY KEY (account, region, service, operation, parameters)) STRICT, WITHOUT ROWID;

    CREATE TABLE runs(
      id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('apply', 'undo')), subject TEXT NOT NULL,
      started_at INTEGER NOT NULL, finished_at INTEGER,
      status TEXT NOT NULL CHECK (status IN ('running', 'complete', 'stopped', 'failed')),
      message TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE journal(
      run TEXT NOT NULL REFERENCES runs(id), number INTEGER NOT NULL, action BLOB NOT NULL, state TEXT NOT NULL,
      at INTEGER NOT NULL, message TEXT NOT NULL, PRIMARY KEY (run, number)) STRICT, WITHOUT ROWID;

    CREATE TABLE transitions(
      run TEXT NOT NULL, number INTEGER NOT NULL, step INTEGER NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,
      message TEXT NOT NULL, PRIMARY KEY (run, number, step),
      FOREIGN KEY (run, number) REFERENCES journal(run, number)) STRICT, WITHOUT ROWID;

    CREATE TABLE exceptions(
      id TEXT PRIMARY KEY, "check" TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, type TEXT NOT NULL,
      resource TEXT NOT NULL, reason TEXT NOT NULL, asked_by TEXT NOT NULL, asked_at INTEGER NOT NULL,
      approved_by TEXT, approved_at INTEGER, expires_at INTEGER NOT NULL, revoked_at INTEGER,
      CHECK (approved_by IS NULL OR approved_by <> asked_by)) STRICT, WITHOUT ROWID;
    """
}
