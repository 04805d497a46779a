package import Governance
package import Orchestrator

extension SQLiteLedger {
  /// A sweep that is resumed begins again under its own id and keeps its coverage.
  package func beginSweep(_ sweep: SweepRecord) async throws {
    try await write("beginning the sweep \(sweep.id)") { database throws(LedgerError) in
      let goesOn = try database.holds("SELECT 1 FROM sweeps WHERE id = ?", .text(sweep.id))
      _ = try database.run(
        """
        INSERT INTO sweeps(id, organization, started_at, finished_at, status, checks, selection, calls)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT(id) DO UPDATE SET organization = ?2, started_at = ?3, finished_at = ?4, status = ?5, checks = ?6,
          selection = ?7, calls = ?8
        """,
        .text(sweep.id), .text(sweep.organization), .init(sweep.startedAt), .init(sweep.finishedAt),
        .text(sweep.status.rawValue), .text(Document(strings: sweep.checks).json), .text(sweep.selection),
        .text(Self.json(sweep.calls)))
      guard goesOn else { return }
      // A sweep that goes on looks at its gaps again.
      let gaps = Coverage.Verdict.allCases.filter(\.isGap).map { "'\($0.rawValue)'" }.joined(separator: ", ")
      for table in ["not_evaluated", "coverage"] {
        _ = try database.run(
          """
          DELETE FROM \(table) WHERE sweep = ?1 AND (account, region) IN
            (SELECT account, region FROM coverage WHERE sweep = ?1 AND verdict IN (\(gaps)))
          """, .text(sweep.id))
      }
    }
  }

  package func record(coverage: [Coverage], sweep: String) async throws {
    try await write("recording the coverage of the sweep \(sweep)") { database throws(LedgerError) in
      for entry in coverage { try Self.record(entry, sweep: sweep, in: database) }
    }
  }

  package func finishSweep(
    _ id: String, status: SweepRecord.Status, at time: Timestamp, calls: [String: Int]
  ) async throws {
    try await write("finishing the sweep \(id)") { database throws(LedgerError) in
      let changed = try database.run(
        "UPDATE sweeps SET status = ?, finished_at = ?, calls = ? WHERE id = ?",
        .text(status.rawValue), .init(time), .text(Self.json(calls)), .text(id))
      if changed == 0 { throw database.unknown("no sweep \(id) was begun") }
    }
  }

  package func markInterruptedSweeps(now: Timestamp) async throws -> [SweepRecord] {
    try await write("looking for interrupted sweeps") { database throws(LedgerError) in
      let running = try Self.sweeps("WHERE status = 'running' \(Self.latestFirst)", in: database)
      try database.run(
        "UPDATE sweeps SET status = 'interrupted', finished_at = ? WHERE status = 'running'", .init(now))
      return running.map { sweep in
        var sweep = sweep
        sweep.status = .interrupted
        sweep.finishedAt = now
        return sweep
      }
    }
  }

  package func sweep(_ id: String) async throws -> SweepRecord? {
    try await read("reading the sweep \(id)") { database throws(LedgerError) in
      try Self.sweeps("WHERE id = ?", .text(id), in: database).first
    }
  }

  package func sweeps(limit: Int) async throws -> [SweepRecord] {
    try await read("listing the sweeps") { database throws(LedgerError) in
      try Self.sweeps("\(Self.latestFirst) LIMIT ?", .init(max(0, limit)), in: database)
    }
  }

  package func coverage(ofSweep id: String) async throws -> [Coverage] {
    try await read("reading the coverage of the sweep \(id)") { database throws(LedgerError) in
      try database.rows(
        "SELECT account, region, verdict, reason, resources FROM coverage WHERE sweep = ? ORDER BY account, region",
        .text(id)
      ) { row throws(LedgerError) in
        guard let verdict = Coverage.Verdict(rawValue: row.text(2)) else {
          throw database.corrupt("unknown coverage verdict \(row.text(2))")
        }
        return Coverage(
          scope: Scope(account: row.text(0), region: row.text(1)), verdict: verdict, reason: row.text(3),
          resources: Int(row.integer(4)))
      }
    }
  }

  package func notEvaluated(ofSweep id: String) async throws -> [NotEvaluated] {
    try await read("reading what the sweep \(id) did not evaluate") { database throws(LedgerError) in
      try database.rows(
        """
        SELECT account, region, type, id, "check", arn, kind, code, message FROM not_evaluated
        WHERE sweep = ? ORDER BY account, region, type, id, "check"
        """, .text(id)
      ) { row throws(LedgerError) in
        guard let kind = Int32(exactly: row.integer(6)).flatMap(FailureReason.Kind.init(rawValue:)) else {
          throw database.corrupt("unknown kind of failure \(row.integer(6))")
        }
        let key = ResourceKey(type: row.text(2), id: row.text(3), account: row.text(0), region: row.text(1))
        return NotEvaluated(
          check: row.text(4), resource: key, arn: row.text(5),
          reason: FailureReason(kind: kind, code: row.text(7), message: row.text(8)))
      }
    }
  }

  static func record(_ coverage: Coverage, sweep: String, in database: SQLiteDatabase) throws(LedgerError) {
    try database.run(
      "INSERT OR REPLACE INTO coverage(sweep, account, region, verdict, reason, resources) VALUES (?, ?, ?, ?, ?, ?)",
      .text(sweep), .text(coverage.scope.account), .text(coverage.scope.region), .text(coverage.verdict.rawValue),
      .text(coverage.reason), .init(coverage.resources))
  }

  private static let latestFirst = "ORDER BY started_at DESC, id DESC"

  private static func sweeps(
    _ condition: String, _ values: SQLiteValue..., in database: SQLiteDatabase
  ) throws(LedgerError) -> [SweepRecord] {
    let sql =
      "SELECT id, organization, started_at, finished_at, status, checks, selection, calls FROM sweeps \(condition)"
    let read = { (row: SQLiteStatement) throws(LedgerError) -> SweepRecord in
      guard let status = SweepRecord.Status(rawValue: row.text(4)) else {
        throw database.corrupt("unknown status of a sweep: \(row.text(4))")
      }
      let checks = try database.document(json: row.text(5)).elements.compactMap(\.string)
      let calls = try database.document(json: row.text(7)).entries.map { ($0.name, $0.value.int ?? 0) }
      return SweepRecord(
        id: row.text(0), organization: row.text(1), startedAt: row.timestamp(2), finishedAt: row.optionalTimestamp(3),
        status: status, checks: checks, selection: row.text(6),
        calls: Dictionary(calls, uniquingKeysWith: { first, _ in first }))
    }
    return if let value = values.first {
      try database.rows(sql, value, read: read)
    } else {
      try database.rows(sql, read: read)
    }
  }

  private static func json(_ calls: [String: Int]) -> String {
    Document(entries: calls.sorted { $0.key < $1.key }.map { ($0.key, Document($0.value)) }).json
  }
}

extension SQLiteDatabase {
  func document(json: String) throws(LedgerError) -> Document {
    do {
      return try Document(json: json)
    } catch {
      throw corrupt("a stored document is broken: \(error)")
    }
  }

  func document(compact bytes: [UInt8]) throws(LedgerError) -> Document {
    guard let document = Document(compactBytes: bytes) else { throw corrupt("a stored document is broken") }
    return document
  }
}
