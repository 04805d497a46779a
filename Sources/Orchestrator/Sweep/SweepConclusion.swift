package import Governance

/// What a sweep amounts to: which findings it speaks for, and how it ends.
package struct SweepConclusion: Sendable {
  package enum Ending: Sendable, Equatable {
    /// No gap and nothing open.
    case clean
    case findings
    /// Something could not be looked at. Wins over findings.
    case gap
  }

  /// Of those in the ledger, the ones in scopes that it looked at or tried to.
  package let findings: [Finding]
  private let hasGap: Bool

  package init(findings: [Finding], coverage: [Coverage], notEvaluated: [NotEvaluated]) {
    let looked = Looked(coverage)
    self.findings = findings.filter { looked.concerns($0.resource.scope) }
    // Accounted for or not: a sweep that looked at nothing is not green.
    hasGap =
      coverage.contains(where: \.verdict.isGap) || !notEvaluated.isEmpty
      || !coverage.contains(where: { $0.verdict == .scanned })
  }

  /// `failOn` bounds findings, never coverage.
  package func ending(failOn: Severity) -> Ending {
    if hasGap { return .gap }
    return findings.contains { $0.isOpen && $0.severity >= failOn } ? .findings : .clean
  }

  /// Which scopes a sweep speaks for: those it looked at or tried to, not those that are accounted for.
  private struct Looked {
    private var scopes: Set<Scope> = []
    private var accounts: Set<String> = []

    init(_ coverage: [Coverage]) {
      for entry in coverage where !entry.verdict.isAccountedFor {
        if entry.scope.region == "*" { accounts.insert(entry.scope.account) } else { scopes.insert(entry.scope) }
      }
    }

    func concerns(_ scope: Scope) -> Bool {
      scopes.contains(scope) || accounts.contains(scope.account) || accounts.contains("*")
    }
  }
}
