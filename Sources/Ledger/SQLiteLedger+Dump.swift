import Governance
import Orchestrator

extension SQLiteLedger {
  /// One line of JSON a row, tables by name, rows by their keys; stored documents with their entries sorted.
  package func dump() async throws -> String {
    try await read("dumping the ledger") { database throws(LedgerError) in
      var lines: [String] = []
      for (table, sql) in Self.dumped {
        lines.append("# \(table)")
        try lines.append(
          contentsOf: database.rows(sql) { row throws(LedgerError) in
            let names = row.columnNames
            var entries: [(name: String, value: Document?)] = []
            for (column, name) in names.enumerated() {
              entries.append((name, try Self.document(row.value(column), in: database)))
            }
            return Document(entries: entries).json
          })
      }
      return lines.joined(separator: "\n") + "\n"
    }
  }

  private static let dumped: [(table: String, sql: String)] = [
    ("accounts", "SELECT * FROM accounts ORDER BY id"),
    ("answers", "SELECT * FROM answers ORDER BY account, region, service, operation, parameters"),
    ("coverage", "SELECT * FROM coverage ORDER BY sweep, account, region"),
    ("exceptions", "SELECT * FROM exceptions ORDER BY id"),
    ("findings", "SELECT * FROM findings ORDER BY account, region, type, id, \"check\""),
    ("journal", "SELECT * FROM journal ORDER BY run, number"),
    ("lease", "SELECT holder, purpose, since, expiry FROM lease"),
    ("meta", "SELECT * FROM meta ORDER BY key"),
    ("not_evaluated", "SELECT * FROM not_evaluated ORDER BY sweep, account, region, type, id, \"check\""),
    (
      "resources",
      """
      SELECT account, region, type, id, first_seen, last_seen, gone_since, content
      FROM resources JOIN contents ON resource = number ORDER BY account, region, type, id
      """
    ),
    ("runs", "SELECT * FROM runs ORDER BY id"),
    ("sweeps", "SELECT * FROM sweeps ORDER BY id"),
    ("transitions", "SELECT * FROM transitions ORDER BY run, number, step"),
  ]

  private static func document(_ value: SQLiteValue, in database: SQLiteDatabase) throws(LedgerError) -> Document {
    switch value {
    case .null: .null
    case .integer(let number): Document(Int(number))
    case .text(let text): Document(text)
    case .blob(let bytes): try database.document(compact: bytes).canonical
    }
  }

}
