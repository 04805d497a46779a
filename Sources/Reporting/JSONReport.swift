package import Governance

/// A sweep as one JSON document; its form is `SweepReportSchema`.
package enum JSONReport {
  /// Raised when a key is removed or means something else; a new key does not raise it.
  package static let schemaVersion = 1

  package static func render(_ report: SweepReport) -> String {
    var text = ""
    write(report) { text += $0 }
    return text
  }

  /// The same text piece by piece: an organization's findings, twice more as one document and one string, would take
  /// more memory than the sweep itself.
  package static func write(_ report: SweepReport, to sink: @escaping (String) -> Void) {
    let names = report.accountNames
    var writer = PiecewiseJSON(sink: sink)
    writer.member("schemaVersion", Document(schemaVersion))
    writer.member("sweep", sweep(report))
    writer.list("findings", report.findings) { finding($0, names: names) }
    writer.list("coverage", report.coverage) { coverage($0, names: names) }
    writer.list("notEvaluated", report.notEvaluated) { notEvaluated($0, names: names) }
    writer.list("checks", report.checks.sorted { $0.id < $1.id }, check)
    writer.list("oldestFacts", report.factAges, factAge)
    writer.member("totals", totals(report))
    writer.member("calls", calls(report))
    writer.member("remarks", Document(strings: report.remarks))
    writer.end()
  }

  static func sweep(_ report: SweepReport) -> Document {
    [
      "id": Document(report.sweep), "organization": Document(report.organization), "caller": Document(report.caller),
      "startedAt": Document(report.startedAt.iso8601Milliseconds),
      "durationSeconds": Document(floatLiteral: report.duration.inSeconds),
      "status": Document(report.status.rawValue), "exitStatus": Document(report.exitStatus),
      "throttledSeconds": Document(floatLiteral: report.throttledTime.inSeconds),
    ]
  }

  package static func finding(_ finding: Finding, names: [String: String]) -> Document {
    Document(entries: [
      ("check", Document(finding.check)), ("severity", Document(finding.severity.rawValue)),
      ("status", Document(finding.status.rawValue)), ("resourceType", Document(finding.resource.type)),
      ("resourceId", Document(finding.resource.id)), ("name", Document(finding.resourceName)),
      ("arn", Document(finding.arn)), ("account", Document(finding.resource.account)),
      ("accountName", Document(names[finding.resource.account] ?? "")),
      ("region", Document(finding.resource.region)), ("since", Document(finding.since.iso8601Milliseconds)),
      ("lastSeen", Document(finding.lastSeen.iso8601Milliseconds)),
      ("resolvedAt", finding.resolvedAt.map { Document($0.iso8601Milliseconds) }),
      ("message", Document(finding.message)), ("evidence", finding.evidence),
    ])
  }

  static func coverage(_ coverage: Coverage, names: [String: String]) -> Document {
    [
      "account": Document(coverage.scope.account),
      "accountName": Document(names[coverage.scope.account] ?? ""), "region": Document(coverage.scope.region),
      "verdict": Document(coverage.verdict.rawValue), "gap": Document(coverage.verdict.isGap),
      "reason": Document(coverage.reason), "resources": Document(coverage.resources),
    ]
  }

  static func notEvaluated(_ entry: NotEvaluated, names: [String: String]) -> Document {
    [
      "check": Document(entry.check), "resourceType": Document(entry.resource.type),
      "resourceId": Document(entry.resource.id), "arn": Document(entry.arn),
      "account": Document(entry.resource.account), "accountName": Document(names[entry.resource.account] ?? ""),
      "region": Document(entry.resource.region), "reason": Document(entry.reason.kind.word),
      "code": Document(entry.reason.code), "message": Document(entry.reason.message),
    ]
  }

  private static func check(_ check: SweepReport.Check) -> Document {
    [
      "id": Document(check.id), "title": Document(check.title), "severity": Document(check.severity.rawValue),
      "remediation": Document(check.remediation),
    ]
  }

  private static func factAge(_ age: SweepReport.FactAge) -> Document {
    [
      "resourceType": Document(age.resourceType), "attribute": Document(age.attribute),
      "readAt": Document(age.oldest.iso8601Milliseconds),
    ]
  }

  static func totals(_ report: SweepReport) -> Document {
    let totals = report.totals
    return [
      "open": Document(totals.open), "excepted": Document(totals.excepted), "resolved": Document(totals.resolved),
      "bySeverity": Document(
        entries: Severity.allCases.map { ($0.rawValue, Document(totals.bySeverity[$0] ?? 0)) }),
      "scopes": Document(totals.scopes), "scanned": Document(totals.scanned),
      "accountedFor": Document(totals.accountedFor), "gaps": Document(totals.gaps),
      "notEvaluated": Document(totals.notEvaluated), "resources": Document(totals.resources),
      "calls": Document(totals.calls),
    ]
  }

  static func calls(_ report: SweepReport) -> Document {
    Document(entries: report.calls.sorted { $0.key < $1.key }.map { ($0.key, Document($0.value)) })
  }
}

/// A sweep as JSON Lines: one object a line, told apart by `kind`; the sweep comes first, the totals last.
package enum JSONLReport {
  package static func render(_ report: SweepReport) -> String {
    var text = ""
    write(report) { text += $0 }
    return text
  }

  /// Line by line.
  package static func write(_ report: SweepReport, to sink: @escaping (String) -> Void) {
    let names = report.accountNames
    sink(line("sweep", JSONReport.sweep(report)))
    for finding in report.findings { sink(line("finding", JSONReport.finding(finding, names: names))) }
    for entry in report.coverage { sink(line("coverage", JSONReport.coverage(entry, names: names))) }
    for entry in report.notEvaluated { sink(line("notEvaluated", JSONReport.notEvaluated(entry, names: names))) }
    sink(line("calls", ["calls": JSONReport.calls(report)]))
    sink(line("totals", JSONReport.totals(report)))
  }

  private static func line(_ kind: String, _ document: Document) -> String {
    let head: [(name: String, value: Document?)] = [
      ("schemaVersion", Document(JSONReport.schemaVersion)), ("kind", Document(kind)),
    ]
    return Document(entries: head + document.entries.map { (name: $0.name, value: Optional($0.value)) }).json + "\n"
  }
}

extension FailureReason.Kind {
  /// The class as reports write it.
  var word: String {
    switch self {
    case .configuration: "configuration"
    case .denied: "denied"
    case .throttled: "throttled"
    case .cancelled: "cancelled"
    case .badData: "bad-data"
    case .unsupported: "unsupported"
    case .internal: "internal"
    case .timedOut: "timed-out"
    case .unreachable: "unreachable"
    case .rejected: "rejected"
    }
  }
}
