/// The figures of a sweep, counted once in one place.
package struct SweepTotals: Sendable, Equatable {
  package var open = 0
  package var excepted = 0
  package var resolved = 0
  /// Open ones, for every severity.
  package var bySeverity: [Severity: Int] = [:]
  package var scopes = 0
  package var scanned = 0
  package var accountedFor = 0
  package var gaps = 0
  package var notEvaluated = 0
  package var resources = 0
  package var calls = 0

  package init(
    findings: [Finding], coverage: [Coverage], notEvaluated unanswered: [NotEvaluated], calls made: [String: Int]
  ) {
    for severity in Severity.allCases { bySeverity[severity] = 0 }
    for finding in findings {
      switch finding.status {
      case .open, .reopened:
        open += 1
        bySeverity[finding.severity, default: 0] += 1
      case .excepted: excepted += 1
      case .resolved: resolved += 1
      }
    }
    for entry in coverage {
      scopes += 1
      if entry.verdict.isGap {
        gaps += 1
      } else if entry.verdict.isAccountedFor {
        accountedFor += 1
      } else {
        scanned += 1
      }
      resources += entry.resources
    }
    notEvaluated = unanswered.count
    calls = made.values.reduce(0, +)
  }

  /// By the names that reports give them; open ones by their severity's name.
  package subscript(name: String) -> Int? {
    if let severity = Severity(rawValue: name) { return bySeverity[severity] }
    return switch name {
    case "open": open
    case "excepted": excepted
    case "resolved": resolved
    case "scopes": scopes
    case "scanned": scanned
    case "accountedFor": accountedFor
    case "gaps": gaps
    case "notEvaluated": notEvaluated
    case "resources": resources
    case "calls": calls
    default: nil
    }
  }
}
