import Governance

/// What could not be looked at, and why; then what was left out on purpose.
struct CoverageSection {
  var coverage: [Coverage]
  var notEvaluated: [NotEvaluated]
  var accounts: AccountLabels

  func lines(_ terminal: TerminalText) -> [String] {
    gapLines(terminal) + notEvaluatedLines(terminal) + accountedForLines(terminal)
  }

  private struct Reason: Hashable, Comparable {
    var verdict: String
    var reason: String
    static func < (left: Reason, right: Reason) -> Bool {
      (left.verdict, left.reason) < (right.verdict, right.reason)
    }
  }

  /// One block for each verdict and reason, one line for each account in it.
  private func gapLines(_ terminal: TerminalText) -> [String] {
    let gaps = coverage.filter(\.verdict.isGap)
    guard !gaps.isEmpty else { return [] }
    var lines = [terminal.spread("NOT FULLY LOOKED AT", gaps.count.counted("gap"), style: .boldRed)]
    let groups = Dictionary(grouping: gaps) { Reason(verdict: $0.verdict.rawValue, reason: $0.reason) }
    for (reason, entries) in groups.sorted(by: { $0.key < $1.key }) {
      let text = reason.reason.isEmpty ? reason.verdict : "\(reason.verdict): \(reason.reason)"
      lines += terminal.wrapped(text, indent: "  ")
      let byAccount = Dictionary(grouping: entries, by: \.scope.account)
      for (account, scopes) in byAccount.sorted(by: { $0.key < $1.key }) {
        let regions = scopes.map { $0.scope.region == "*" ? "every region" : $0.scope.region }.sorted()
        // Wrapped, never cut: which regions were missed is the point.
        lines += terminal.wrapped("\(accounts(account)): \(regions.joined(separator: ", "))", indent: "    ")
      }
    }
    return lines + [""]
  }

  private func notEvaluatedLines(_ terminal: TerminalText) -> [String] {
    guard !notEvaluated.isEmpty else { return [] }
    let count = notEvaluated.count.counted("verdict")
    var lines = [terminal.spread("NOT EVALUATED", count, style: .yellow)]
    let groups = Dictionary(grouping: notEvaluated) { Reason(verdict: $0.check, reason: $0.reason.description) }
    for (reason, entries) in groups.sorted(by: { $0.key < $1.key }) {
      lines += terminal.wrapped("\(reason.verdict): \(reason.reason)", indent: "  ")
      var table = TextTable([.init("RESOURCE"), .init("ACCOUNT", minimum: 16), .init("REGION")])
      table.indent = "    "
      for entry in entries.sorted(by: { $0.resource < $1.resource }) {
        table.add([entry.resource.id, accounts(entry.resource.account), entry.resource.region])
      }
      lines += table.lines(terminal, showsHeader: false)
    }
    return lines + [""]
  }

  private func accountedForLines(_ terminal: TerminalText) -> [String] {
    let entries = coverage.filter(\.verdict.isAccountedFor)
    guard !entries.isEmpty else { return [] }
    let groups = Dictionary(grouping: entries) { entry in
      Reason(verdict: entry.verdict.rawValue, reason: entry.verdict == .excluded ? entry.reason : "")
    }
    let parts = groups.sorted { $0.key < $1.key }.map { reason, entries in
      "\(entries.count) \(reason.reason.isEmpty ? reason.verdict : reason.reason)"
    }
    return terminal.wrapped("Accounted for: \(parts.joined(separator: ", ")).", indent: "")
  }
}
