import Governance

/// A sweep on a terminal: exposures first, then what could not be looked at, then one line that says how it ended.
package enum TableReport {
  package static func render(_ report: SweepReport, width: Int, color: Bool) -> String {
    let terminal = TerminalText(width: width, color: color)
    let accounts = AccountLabels(names: report.accountNames)
    let findings = FindingsSection(
      findings: report.findings.filter(\.isOpen), checks: report.checks, accounts: accounts,
      newSince: report.startedAt, now: report.startedAt + report.duration)
    let coverage = CoverageSection(
      coverage: report.coverage, notEvaluated: report.notEvaluated, accounts: accounts)
    let lines =
      findings.lines(terminal) + coverage.lines(terminal) + circumstances(of: report, terminal) + [
        lastLine(report, terminal)
      ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func circumstances(of report: SweepReport, _ terminal: TerminalText) -> [String] {
    let totals = report.totals
    var texts: [String] = []
    if totals.open > 0 { texts.append("Open: \(totals.severitiesText).") }
    if totals.excepted > 0 { texts.append("Excepted: \(totals.excepted.counted("finding")).") }
    let end = report.startedAt + report.duration
    let stale = report.factAges.filter { $0.oldest < report.startedAt }
    if !stale.isEmpty {
      let ages = stale.map { "\($0.attribute) of \($0.resourceType) (\((end - $0.oldest).brief))" }
      texts.append("Facts from earlier sweeps, oldest reading: \(ages.joined(separator: ", ")).")
    }
    let busiest = report.calls.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.prefix(3)
    let calls = busiest.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    let throttled = report.throttledTime > .zero ? "; \(report.throttledTime.brief) waited for rate limits" : ""
    let organization = report.organization.isEmpty ? "" : " of \(report.organization)"
    texts.append(
      "Sweep \(report.sweep)\(organization) as \(report.caller), \(report.startedAt.iso8601), "
        + "\(report.duration.brief): \(totals.resources.counted("resource")) in \(totals.scopes.counted("scope")), "
        + "\(totals.calls.counted("call"))\(calls.isEmpty ? "" : " (\(calls))")\(throttled).")
    return (texts + report.remarks).flatMap { terminal.wrapped($0, indent: "") }
  }

  /// Short enough for 80 columns, so that it stays whole wherever it is read.
  private static func lastLine(_ report: SweepReport, _ terminal: TerminalText) -> String {
    let totals = report.totals
    let text =
      "Sweep \(report.status.rawValue): \(totals.open.counted("finding")), \(totals.gaps.counted("gap")), "
      + "\(totals.scanned) of \(totals.scopes) scopes scanned"
    let isGreen = report.status == .complete && totals.gaps == 0 && totals.open == 0
    let isRed = totals.gaps > 0 || report.status != .complete
    return terminal.styled(text, isGreen ? .green : isRed ? .boldRed : .bold)
  }
}
