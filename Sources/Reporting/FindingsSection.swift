import Governance

/// Open findings for a terminal: the most severe check first, its findings below it.
struct FindingsSection {
  var findings: [Finding]
  var checks: [SweepReport.Check]
  var accounts: AccountLabels
  /// Findings that began at or after this time are new.
  var newSince: Timestamp?
  var now: Timestamp

  func lines(_ terminal: TerminalText) -> [String] {
    let groups = Dictionary(grouping: findings) { Group(severity: $0.severity, check: $0.check) }
    return groups.sorted { $0.key < $1.key }.flatMap { lines($0.key, $0.value, terminal) }
  }

  private struct Group: Hashable, Comparable {
    var severity: Severity
    var check: String
    static func < (left: Group, right: Group) -> Bool {
      left.severity != right.severity ? left.severity > right.severity : left.check < right.check
    }
  }

  private func lines(_ group: Group, _ findings: [Finding], _ terminal: TerminalText) -> [String] {
    let check = checks.first { $0.id == group.check }
    let title = check.map { "  \(TerminalText.plain($0.title))" } ?? ""
    let severity = group.severity.rawValue.uppercased()
    let head = terminal.spread(
      "\(TerminalText.padded(severity, to: 8))  \(group.check)\(title)", findings.count.counted("finding"),
      style: group.severity.style)
    var table = TextTable([
      .init("RESOURCE"), .init("NAME", minimum: 8), .init("ACCOUNT", minimum: 16), .init("REGION"),
      .init("OPEN FOR"),
    ])
    for finding in findings.sorted(by: { $0.resource < $1.resource }) {
      table.add(
        [
          finding.resource.id, finding.resourceName, accounts(finding.resource.account), finding.resource.region,
          age(of: finding),
        ], details: terminal.wrapped(finding.message, indent: "      "))
    }
    let remedy = check.map { terminal.wrapped("To do: \($0.remediation)", indent: "  ") } ?? []
    return [head] + table.lines(terminal) + (check?.remediation.isEmpty == false ? remedy : []) + [""]
  }

  private func age(of finding: Finding) -> String {
    if finding.status == .excepted { return "excepted" }
    if finding.status == .resolved { return "resolved" }
    let reopened = finding.status == .reopened ? "again " : ""
    if let newSince, finding.since >= newSince { return reopened.isEmpty ? "new" : "reopened" }
    return reopened + max(.zero, now - finding.since).brief
  }
}

extension Severity {
  var style: TerminalText.Style {
    switch self {
    case .critical: .boldRed
    case .high: .red
    case .medium: .yellow
    case .low: .cyan
    case .info: .bold
    }
  }
}
