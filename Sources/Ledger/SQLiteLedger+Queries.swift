package import Governance
package import Orchestrator

extension SQLiteLedger {
  package func commit(_ result: ScopeResult, sweep: String, now: Timestamp) async throws {
    try await commits.add(SharedCommits.Entry(result: result, sweep: sweep, now: now), to: self)
  }

  package func findings(matching query: FindingQuery) async throws -> [Finding] {
    try await read("reading findings") { database throws(LedgerError) in
      try database.rows(
        """
        SELECT account, region, type, id, "check", severity, status, name, arn, message, evidence, since, last_seen,
          resolved_at
        FROM findings
        WHERE (?1 IS NULL OR status IN (SELECT value FROM json_each(?1)))
          AND (?2 IS NULL OR "check" IN (SELECT value FROM json_each(?2)))
          AND (?3 IS NULL OR account IN (SELECT value FROM json_each(?3)))
          AND (?4 IS NULL OR region IN (SELECT value FROM json_each(?4)))
          AND (?5 IS NULL OR id IN (SELECT value FROM json_each(?5)))
        ORDER BY account, region, type, id, "check"
        """,
        .init(list: query.statuses.map(\.rawValue)), .init(list: query.checks), .init(list: query.accounts),
        .init(list: query.regions), .init(list: query.resourceIDs)
      ) { row throws(LedgerError) in
        guard let severity = Severity(rawValue: row.text(5)), let status = Finding.Status(rawValue: row.text(6)) else {
          throw database.corrupt("unknown severity or status of a finding: \(row.text(5)), \(row.text(6))")
        }
        let key = ResourceKey(type: row.text(2), id: row.text(3), account: row.text(0), region: row.text(1))
        return Finding(
          check: row.text(4), severity: severity, status: status, resource: key, resourceName: row.text(7),
          arn: row.text(8), message: row.text(9), evidence: try database.document(compact: row.blob(10)),
          since: row.timestamp(11), lastSeen: row.timestamp(12), resolvedAt: row.optionalTimestamp(13))
      }
    }
  }

  package func resources(matching query: ResourceQuery) async throws -> [RecordedResource] {
    try await read("reading the inventory") { database throws(LedgerError) in
      try database.rows(
        """
        SELECT account, region, type, id, first_seen, last_seen, gone_since, content
        FROM resources JOIN contents ON resource = number
        WHERE (?1 IS NULL OR type IN (SELECT value FROM json_each(?1)))
          AND (?2 IS NULL OR account IN (SELECT value FROM json_each(?2)))
          AND (?3 IS NULL OR region IN (SELECT value FROM json_each(?3)))
          AND (?4 IS NULL OR id IN (SELECT value FROM json_each(?4)))
          AND (?5 OR gone_since IS NULL)
        ORDER BY account, region, type, id
        """,
        .init(list: query.types), .init(list: query.accounts), .init(list: query.regions), .init(list: query.ids),
        .integer(query.includesGone ? 1 : 0)
      ) { row throws(LedgerError) in
        let key = ResourceKey(type: row.text(2), id: row.text(3), account: row.text(0), region: row.text(1))
        guard let resource = ResourceContent.decode(row.blob(7), key: key) else {
          throw database.corrupt("the stored content of \(key.type) \(key.id) is broken")
        }
        return RecordedResource(
          resource: resource, firstSeen: row.timestamp(4), lastSeen: row.timestamp(5),
          goneSince: row.optionalTimestamp(6))
      }
    }
  }

  package func recordedAnswer(to key: AnswerKey, notBefore oldest: Timestamp) async throws -> RecordedAnswer? {
    try await read("looking for a recorded answer") { database throws(LedgerError) in
      try database.rows(
        """
        SELECT body, read_at FROM answers
        WHERE account = ? AND region = ? AND service = ? AND operation = ? AND parameters = ? AND read_at >= ?
        """,
        .text(key.scope.account), .text(key.scope.region), .text(key.service), .text(key.operation),
        .text(key.parameters), .init(oldest)
      ) { row throws(LedgerError) in
        RecordedAnswer(key: key, body: try database.document(compact: row.blob(0)), readAt: row.timestamp(1))
      }.first
    }
  }

  package func forgetAnswers(in scope: Scope, about resource: String) async throws {
    try await write("forgetting the recorded answers about \(resource)") { database throws(LedgerError) in
      _ = try database.run(
        "DELETE FROM answers WHERE account = ? AND region = ? AND instr(parameters, ?) > 0",
        .text(scope.account), .text(scope.region), .text(resource))
    }
  }

  package func record(accounts: [Account]) async throws {
    try await write("recording the organization's accounts") { database throws(LedgerError) in
      for account in accounts {
        _ = try database.run(
          "INSERT OR REPLACE INTO accounts(id, name, email, state, arn, unit_path) VALUES (?, ?, ?, ?, ?, ?)",
          .text(account.id), .text(account.name), .text(account.email), .text(account.state), .text(account.arn),
          .text(account.unitPath))
      }
    }
  }

  package func accounts() async throws -> [Account] {
    try await read("reading the accounts") { database throws(LedgerError) in
      try database.rows("SELECT id, name, email, state, arn, unit_path FROM accounts ORDER BY id") {
        row throws(LedgerError) in
        Account(
          id: row.text(0), name: row.text(1), email: row.text(2), state: row.text(3), arn: row.text(4),
          unitPath: row.text(5))
      }
    }
  }
}
