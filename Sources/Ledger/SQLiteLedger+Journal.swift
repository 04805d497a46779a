package import Governance
package import Orchestrator

extension SQLiteLedger {
  package func beginRun(_ run: RunRecord, actions: [JournalEntry]) async throws {
    try await writeDurably("beginning the run \(run.id)") { database throws(LedgerError) in
      try database.run(
        "INSERT INTO runs(id, kind, subject, started_at, finished_at, status, message) VALUES (?, ?, ?, ?, ?, ?, ?)",
        .text(run.id), .text(run.kind.rawValue), .text(run.subject), .init(run.startedAt), .init(run.finishedAt),
        .text(run.status.rawValue), .text(run.message))
      for entry in actions {
        guard entry.run == run.id else {
          throw database.unknown("action \(entry.number) belongs to the run \(entry.run)")
        }
        try database.run(
          "INSERT INTO journal(run, number, action, state, at, message) VALUES (?, ?, ?, ?, ?, ?)",
          .text(run.id), .init(entry.number), .blob(entry.action.document.compactBytes),
          .text(entry.state.rawValue), .init(entry.at), .text(entry.message))
        try Self.append(
          JournalTransition(
            run: run.id, number: entry.number, state: entry.state, at: entry.at, message: entry.message), to: database)
      }
    }
  }

  package func record(_ transition: JournalTransition) async throws {
    let what = "recording action \(transition.number) of the run \(transition.run) as \(transition.state.rawValue)"
    try await writeDurably(what) { database throws(LedgerError) in
      let changed = try database.run(
        "UPDATE journal SET state = ?, at = ?, message = ? WHERE run = ? AND number = ?",
        .text(transition.state.rawValue), .init(transition.at), .text(transition.message), .text(transition.run),
        .init(transition.number))
      if changed == 0 { throw database.unknown("no such action is in the journal") }
      try Self.append(transition, to: database)
    }
  }

  package func finishRun(
    _ id: String, status: RunRecord.Status, at time: Timestamp, message: String
  ) async throws {
    try await writeDurably("finishing the run \(id)") { database throws(LedgerError) in
      let changed = try database.run(
        "UPDATE runs SET status = ?, finished_at = ?, message = ? WHERE id = ?",
        .text(status.rawValue), .init(time), .text(message), .text(id))
      if changed == 0 { throw database.unknown("no run \(id) was begun") }
    }
  }

  package func run(_ id: String) async throws -> RunRecord? {
    try await read("reading the run \(id)") { database throws(LedgerError) in
      try Self.runs("WHERE id = ?", .text(id), in: database).first
    }
  }

  package func runs(limit: Int) async throws -> [RunRecord] {
    try await read("listing the runs") { database throws(LedgerError) in
      try Self.runs("ORDER BY started_at DESC, id DESC LIMIT ?", .init(max(0, limit)), in: database)
    }
  }

  package func journal(ofRun id: String) async throws -> [JournalEntry] {
    try await read("reading the journal of the run \(id)") { database throws(LedgerError) in
      try database.rows(
        "SELECT number, action, state, at, message FROM journal WHERE run = ? ORDER BY number", .text(id)
      ) { row throws(LedgerError) in
        guard let state = JournalEntry.State(rawValue: row.text(2)) else {
          throw database.corrupt("unknown state of an action: \(row.text(2))")
        }
        return JournalEntry(
          run: id, number: Int(row.integer(0)), action: try Self.action(row.blob(1), in: database), state: state,
          at: row.timestamp(3), message: row.text(4))
      }
    }
  }

  /// Every step stays, beside the state that an action is in now.
  private static func append(_ transition: JournalTransition, to database: SQLiteDatabase) throws(LedgerError) {
    try database.run(
      """
      INSERT INTO transitions(run, number, step, state, at, message)
      SELECT ?1, ?2, 1 + count(*), ?3, ?4, ?5 FROM transitions WHERE run = ?1 AND number = ?2
      """,
      .text(transition.run), .init(transition.number), .text(transition.state.rawValue), .init(transition.at),
      .text(transition.message))
  }

  private static func action(_ bytes: [UInt8], in database: SQLiteDatabase) throws(LedgerError) -> Action {
    let document = try database.document(compact: bytes)
    do {
      return try Action(document: document)
    } catch {
      throw database.corrupt("a stored action is broken: \(error)")
    }
  }

  private static func runs(
    _ condition: String, _ value: SQLiteValue, in database: SQLiteDatabase
  ) throws(LedgerError) -> [RunRecord] {
    try database.rows(
      "SELECT id, kind, subject, started_at, finished_at, status, message FROM runs \(condition)", value
    ) { row throws(LedgerError) in
      guard let kind = RunRecord.Kind(rawValue: row.text(1)), let status = RunRecord.Status(rawValue: row.text(5))
      else { throw database.corrupt("unknown kind or status of a run: \(row.text(1)), \(row.text(5))") }
      return RunRecord(
        id: row.text(0), kind: kind, subject: row.text(2), startedAt: row.timestamp(3),
        finishedAt: row.optionalTimestamp(4), status: status, message: row.text(6))
    }
  }
}
