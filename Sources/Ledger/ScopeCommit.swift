import Governance
import Orchestrator

/// One scope's results on their way into the ledger, inside one transaction.
///
/// The life of a finding, for the checks that gave a verdict here:
///
///     verdict          no finding   open, reopened   excepted   resolved
///     fail             open         refreshed        refreshed  reopened, since now
///     pass, n/a        –            resolved         resolved   –
///     not evaluated    –            as it was        as it was  as it was
///     resource gone    –            resolved         resolved   –
struct ScopeCommit {
  let result: ScopeResult
  let sweep: String
  let now: Timestamp
  let database: SQLiteDatabase

  private var scope: Scope { result.coverage.scope }
  private var account: SQLiteValue { .text(scope.account) }
  private var region: SQLiteValue { .text(scope.region) }

  func run() throws(LedgerError) {
    try validate()
    let present = try recordResources()
    try recordCoverage()
    try recordVerdicts()
    // What is missing from a listing that may be broken is not gone. In a partial scope the complete types were listed
    // to their end; something else of it could not be read.
    if [.scanned, .partial].contains(result.coverage.verdict) { try recordAbsence(present: present) }
    for answer in result.answers { try record(answer) }
  }

  private func validate() throws(LedgerError) {
    for resource in result.resources where resource.scope != scope {
      throw database.unknown("\(resource.type) \(resource.id) belongs to \(resource.scope), not to \(scope)")
    }
    for verdict in result.verdicts where !result.resources.indices.contains(verdict.resource) {
      throw database.unknown("\(verdict.check) speaks of resource \(verdict.resource) of \(result.resources.count)")
    }
  }

  /// A region that was looked at shows that the account's regions are known: an earlier gap over all of them, from
  /// before the sweep was resumed, is over.
  private func recordCoverage() throws(LedgerError) {
    if result.coverage.verdict == .scanned || result.coverage.verdict == .partial {
      try database.run("DELETE FROM coverage WHERE sweep = ? AND account = ? AND region = '*'", .text(sweep), account)
    }
    try SQLiteLedger.record(result.coverage, sweep: sweep, in: database)
  }

  // Resources.

  /// The row numbers of what is there.
  private func recordResources() throws(LedgerError) -> Set<Int64> {
    var present: Set<Int64> = []
    for resource in result.resources { present.insert(try record(resource)) }
    return present
  }

  private func record(_ resource: Resource) throws(LedgerError) -> Int64 {
    let bytes = ResourceContent.encode(resource)
    let recorded = try database.rows(
      """
      SELECT number, last_seen, content FROM resources JOIN contents ON resource = number
      WHERE account = ? AND region = ? AND type = ? AND id = ?
      """, account, region, .text(resource.type), .text(resource.id)
    ) { row in
      // The usual case, a resource as it was, copies nothing.
      (number: row.integer(0), lastSeen: row.timestamp(1), changed: row.blob(2, equals: bytes) ? nil : row.blob(2))
    }
    guard let recorded = recorded.first else { return try insert(resource, bytes) }
    try database.run(
      "UPDATE resources SET last_seen = max(last_seen, ?), gone_since = NULL WHERE number = ?", .init(now),
      .integer(recorded.number))
    guard let earlier = recorded.changed else { return recorded.number }
    guard let before = ResourceContent.decode(earlier, key: resource.key) else {
      throw database.corrupt("the stored content of \(resource.type) \(resource.id) is broken")
    }
    let merged = ResourceContent.encode(
      ResourceContent.merge(
        resource, recorded: before, at: recorded.lastSeen, wanted: result.wanted[resource.type] ?? []))
    if merged != earlier {
      try database.run("UPDATE contents SET content = ? WHERE resource = ?", .blob(merged), .integer(recorded.number))
    }
    return recorded.number
  }

  private func insert(_ resource: Resource, _ bytes: [UInt8]) throws(LedgerError) -> Int64 {
    try database.run(
      "INSERT INTO resources(account, region, type, id, first_seen, last_seen) VALUES (?, ?, ?, ?, ?5, ?5)",
      account, region, .text(resource.type), .text(resource.id), .init(now))
    let number = database.lastInsertedRow
    try database.run("INSERT INTO contents(resource, content) VALUES (?, ?)", .integer(number), .blob(bytes))
    return number
  }

  private func recordAbsence(present: Set<Int64>) throws(LedgerError) {
    for type in result.completeTypes {
      let recorded = try database.rows(
        """
        SELECT number, id FROM resources WHERE account = ? AND region = ? AND type = ? AND gone_since IS NULL
        ORDER BY id
        """, account, region, .text(type)
      ) { row in present.contains(row.integer(0)) ? nil : (number: row.integer(0), id: row.text(1)) }
      for case let gone? in recorded {
        try database.run("UPDATE resources SET gone_since = ? WHERE number = ?", .init(now), .integer(gone.number))
        try database.run(
          """
          UPDATE findings SET status = 'resolved', resolved_at = ?
          WHERE account = ? AND region = ? AND type = ? AND id = ? AND status <> 'resolved'
          """, .init(now), account, region, .text(type), .text(gone.id))
      }
    }
  }

  // Verdicts.

  private struct FindingKey: Hashable {
    var type: String
    var id: String
    var check: String
  }

  private func recordVerdicts() throws(LedgerError) {
    // Looked at first, for there is hardly ever any, and SQLite makes a table of what a DELETE may find.
    let isEarlier = try database.holds(
      "SELECT 1 FROM not_evaluated WHERE sweep = ? AND account = ? AND region = ? LIMIT 1", .text(sweep), account,
      region)
    if isEarlier {
      try database.run(
        "DELETE FROM not_evaluated WHERE sweep = ? AND account = ? AND region = ?", .text(sweep), account, region)
    }
    let statuses = try database.rows(
      "SELECT type, id, \"check\", status FROM findings WHERE account = ? AND region = ?", account, region
    ) { (FindingKey(type: $0.text(0), id: $0.text(1), check: $0.text(2)), $0.text(3)) }
    let known = Dictionary(statuses, uniquingKeysWith: { first, _ in first })
    for verdict in result.verdicts {
      let resource = result.resources[verdict.resource]
      let status = known[FindingKey(type: resource.type, id: resource.id, check: verdict.check)]
      switch verdict.verdict {
      case .fail(let message, let evidence):
        try fail(verdict, resource, message: message, evidence: evidence, status: status)
      case .pass, .notApplicable:
        if let status, status != Finding.Status.resolved.rawValue { try resolve(verdict.check, resource) }
      case .notEvaluated(let reason): try record(reason, check: verdict.check, resource)
      }
    }
  }

  private func fail(
    _ verdict: ScopeVerdict, _ resource: Resource, message: String, evidence: Document, status: String?
  ) throws(LedgerError) {
    let reopens = status == Finding.Status.resolved.rawValue
    let next = reopens ? Finding.Status.reopened.rawValue : status ?? Finding.Status.open.rawValue
    try database.run(
      """
      INSERT INTO findings(account, region, type, id, "check", severity, status, name, arn, message, evidence, since,
        last_seen, resolved_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, NULL)
      ON CONFLICT DO UPDATE SET severity = ?6, status = ?7, name = ?8, arn = ?9, message = ?10, evidence = ?11,
        last_seen = max(last_seen, ?12), resolved_at = NULL, since = iif(?13, ?12, since)
      """,
      account, region, .text(resource.type), .text(resource.id), .text(verdict.check),
      .text(verdict.severity.rawValue), .text(next), .text(resource.name), .text(resource.arn), .text(message),
      .blob(evidence.compactBytes), .init(now), .integer(reopens ? 1 : 0))
  }

  private func resolve(_ check: String, _ resource: Resource) throws(LedgerError) {
    try database.run(
      """
      UPDATE findings SET status = 'resolved', resolved_at = ?
      WHERE account = ? AND region = ? AND type = ? AND id = ? AND "check" = ?
      """, .init(now), account, region, .text(resource.type), .text(resource.id), .text(check))
  }

  private func record(_ reason: FailureReason, check: String, _ resource: Resource) throws(LedgerError) {
    try database.run(
      """
      INSERT OR REPLACE INTO not_evaluated(sweep, account, region, type, id, "check", arn, kind, code, message)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      .text(sweep), account, region, .text(resource.type), .text(resource.id), .text(check), .text(resource.arn),
      .integer(Int64(reason.kind.rawValue)), .text(reason.code), .text(reason.message))
  }

  private func record(_ answer: RecordedAnswer) throws(LedgerError) {
    try database.run(
      """
      INSERT INTO answers(account, region, service, operation, parameters, body, read_at) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET body = excluded.body, read_at = excluded.read_at WHERE excluded.read_at >= read_at
      """,
      .text(answer.key.scope.account), .text(answer.key.scope.region), .text(answer.key.service),
      .text(answer.key.operation), .text(answer.key.parameters), .blob(answer.body.compactBytes),
      .init(answer.readAt))
  }
}
