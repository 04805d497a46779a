package import Governance

/// What one sweep has to say, before it is put into a form.
package struct SweepReport: Sendable {
  package enum Status: String, Sendable, CaseIterable { case complete, interrupted, failed }

  package struct Check: Sendable, Equatable {
    package var id: String
    package var title: String
    package var severity: Severity
    package var remediation: String

    package init(id: String, title: String, severity: Severity, remediation: String) {
      self.id = id
      self.title = title
      self.severity = severity
      self.remediation = remediation
    }
  }

  /// The oldest reading of one attribute that a verdict of this sweep rests on.
  package struct FactAge: Sendable, Equatable {
    package var resourceType: String
    package var attribute: String
    package var oldest: Timestamp

    package init(resourceType: String, attribute: String, oldest: Timestamp) {
      self.resourceType = resourceType
      self.attribute = attribute
      self.oldest = oldest
    }
  }

  package var sweep: String
  /// The organization's id; empty where there is none.
  package var organization: String
  package var caller: String
  package var startedAt: Timestamp
  package var duration: Duration
  package var status: Status
  package var exitStatus: Int
  package var accountNames: [String: String]
  package var checks: [Check]
  package var findings: [Finding]
  package var coverage: [Coverage]
  package var notEvaluated: [NotEvaluated]
  /// `ec2:DescribeImages` → calls
  package var calls: [String: Int]
  package var throttledTime: Duration
  package var factAges: [FactAge]
  /// What must be said out loud: plugins that run inline, why the sweep ended early.
  package var remarks: [String]

  package init(
    sweep: String, organization: String, caller: String, startedAt: Timestamp, duration: Duration, status: Status,
    exitStatus: Int, accountNames: [String: String] = [:], checks: [Check] = [], findings: [Finding] = [],
    coverage: [Coverage] = [], notEvaluated: [NotEvaluated] = [], calls: [String: Int] = [:],
    throttledTime: Duration = .zero, factAges: [FactAge] = [], remarks: [String] = []
  ) {
    self.sweep = sweep
    self.organization = organization
    self.caller = caller
    self.startedAt = startedAt
    self.duration = duration
    self.status = status
    self.exitStatus = exitStatus
    self.accountNames = accountNames
    self.checks = checks
    self.findings = findings.sorted { ($0.resource, $0.check) < ($1.resource, $1.check) }
    self.coverage = coverage.sorted { $0.scope < $1.scope }
    self.notEvaluated = notEvaluated.sorted { ($0.resource, $0.check) < ($1.resource, $1.check) }
    self.calls = calls
    self.throttledTime = throttledTime
    self.factAges = factAges.sorted {
      ($0.oldest, $0.resourceType, $0.attribute) < ($1.oldest, $1.resourceType, $1.attribute)
    }
    self.remarks = remarks
  }

  package var totals: SweepTotals {
    SweepTotals(findings: findings, coverage: coverage, notEvaluated: notEvaluated, calls: calls)
  }
}

extension SweepTotals {
  /// `1 critical, 2 high`; empty where nothing is open.
  var severitiesText: String {
    let parts = Severity.allCases.reversed().compactMap { severity in
      bySeverity[severity].flatMap { $0 == 0 ? nil : "\($0) \(severity.rawValue)" }
    }
    return parts.joined(separator: ", ")
  }
}

/// Account ids with their names beside them.
struct AccountLabels {
  var names: [String: String]

  /// `012345678901 payments`, or the id alone.
  func callAsFunction(_ id: String) -> String {
    guard let name = names[id], !name.isEmpty else { return id }
    return "\(id) \(name)"
  }
}
