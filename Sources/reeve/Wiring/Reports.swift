import Governance
import Ledger
import Orchestrator
import Reporting

/// Reads a sweep's report from the ledger.
enum Reports {
  static func sweep(
    _ outcome: SweepOutcome, settings: Settings, manifests: [PluginManifest], ledger: any SweepLedger,
    meter: CallMeter.Reading, remarks: [String]
  ) async throws -> SweepReport {
    let record = outcome.record
    let coverage = try await ledger.coverage(ofSweep: record.id)
    let unanswered = try await ledger.notEvaluated(ofSweep: record.id)
    let conclusion = SweepConclusion(
      findings: try await ledger.findings(matching: FindingQuery(checks: record.checks)), coverage: coverage,
      notEvaluated: unanswered)
    var report = SweepReport(
      sweep: record.id, organization: outcome.organization.id, caller: outcome.caller.arn,
      startedAt: record.startedAt, duration: (record.finishedAt ?? record.startedAt) - record.startedAt,
      status: SweepReport.Status(rawValue: record.status.rawValue) ?? .failed, exitStatus: 0,
      accountNames: names(outcome.organization.accounts), checks: checks(manifests), findings: conclusion.findings,
      coverage: coverage, notEvaluated: unanswered, calls: meter.calls,
      throttledTime: meter.throttledTime, factAges: outcome.oldestFacts.sorted { $0.key < $1.key }.map(factAge),
      remarks: unmatched(coverage, settings) + (outcome.stopped.map { ["the sweep ended early: \($0)"] } ?? [])
        + remarks)
    report.exitStatus = Int(ExitStatus(conclusion.ending(failOn: settings.failOn)).code)
    return report
  }

  private static func unmatched(_ coverage: [Coverage], _ settings: Settings) -> [String] {
    var remarks = settings.regions.unmatched(in: Set(coverage.map(\.scope.region)))
    if !coverage.contains(where: { $0.verdict == .scanned }) { remarks.append("nothing was looked at") }
    return remarks
  }

  private static func factAge(_ fact: (key: String, value: Timestamp)) -> SweepReport.FactAge {
    let words = fact.key.split(separator: " ", maxSplits: 1).map(String.init)
    return SweepReport.FactAge(resourceType: words[0], attribute: words.count > 1 ? words[1] : "", oldest: fact.value)
  }

  static func names(_ accounts: [Account]) -> [String: String] {
    Dictionary(accounts.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  static func checks(_ manifests: [PluginManifest]) -> [SweepReport.Check] {
    manifests.flatMap { manifest in
      manifest.checks.map {
        SweepReport.Check(id: $0.id, title: $0.title, severity: $0.severity, remediation: $0.remediation)
      }
    }
  }
}

extension ExitStatus {
  init(_ ending: SweepConclusion.Ending) {
    switch ending {
    case .clean: self = .clean
    case .findings: self = .findings
    case .gap: self = .gap
    }
  }
}
