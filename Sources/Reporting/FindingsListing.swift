package import Governance

/// `reeve findings`
package struct FindingsListing: Sendable {
  package var findings: [Finding]
  package var checks: [SweepReport.Check]
  package var accountNames: [String: String]
  package var now: Timestamp

  package init(
    findings: [Finding], checks: [SweepReport.Check], accountNames: [String: String], now: Timestamp
  ) {
    self.findings = findings.sorted { ($0.resource, $0.check) < ($1.resource, $1.check) }
    self.checks = checks
    self.accountNames = accountNames
    self.now = now
  }

  package func table(width: Int, color: Bool) -> String {
    let terminal = TerminalText(width: width, color: color)
    let section = FindingsSection(
      findings: findings, checks: checks, accounts: AccountLabels(names: accountNames), newSince: nil, now: now)
    let lines = section.lines(terminal) + [findings.isEmpty ? "No findings." : findings.count.counted("finding")]
    return lines.joined(separator: "\n") + "\n"
  }

  package var json: String {
    let list = Document(findings.map { JSONReport.finding($0, names: accountNames) })
    return (["schemaVersion": Document(JSONReport.schemaVersion), "findings": list] as Document).prettyJSON + "\n"
  }
}
