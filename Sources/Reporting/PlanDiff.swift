package import Governance

/// A plan for the person who approves it: what changes, from what to what, by which call, and what takes it back.
package struct PlanDiff: Sendable {
  package var actions: [Action]
  package var accountNames: [String: String]

  package init(actions: [Action], accountNames: [String: String]) {
    self.actions = actions
    self.accountNames = accountNames
  }

  package func table(width: Int, color: Bool) -> String {
    let terminal = TerminalText(width: width, color: color)
    var lines: [String] = []
    for (position, action) in actions.enumerated() {
      lines += self.lines(action, number: position + 1, terminal) + [""]
    }
    lines.append(summary)
    return lines.joined(separator: "\n") + "\n"
  }

  private var summary: String {
    guard !actions.isEmpty else { return "Nothing to do." }
    let risks = Action.Risk.allCases.reversed().compactMap { risk in
      let count = actions.filter { $0.risk == risk }.count
      return count == 0 ? nil : "\(count) of \(risk.rawValue) risk"
    }
    let accounts = Set(actions.map(\.resource.account)).count
    return "\(actions.count.counted("action")) in \(accounts.counted("account")): \(risks.joined(separator: ", "))"
  }

  private func lines(_ action: Action, number: Int, _ terminal: TerminalText) -> [String] {
    let account = AccountLabels(names: accountNames)(action.resource.account)
    var lines = [
      terminal.spread(
        "\(number). \(TerminalText.plain(action.summary))", "\(action.risk.rawValue) risk", style: action.risk.style)
    ]
    lines += terminal.wrapped(
      "\(action.resource.type) \(action.resource.id) in \(account), \(action.resource.region) (\(action.check))",
      indent: "   ")
    lines += changes(action, terminal)
    lines += text(of: action.call, as: "call", terminal)
    lines += action.undo.map { text(of: $0, as: "undo", terminal) } ?? ["   undo: none, this cannot be taken back"]
    return lines
  }

  /// Before and after, entry by entry; what stays as it is is left out.
  private func changes(_ action: Action, _ terminal: TerminalText) -> [String] {
    guard action.before.kind == .object, action.after.kind == .object else {
      return action.before == action.after ? [] : change("", action.before, action.after, terminal)
    }
    let names = Set(action.before.entries.map(\.name)).union(action.after.entries.map(\.name)).sorted()
    return names.flatMap { name -> [String] in
      let before = action.before[name]
      let after = action.after[name]
      return before == after ? [] : change("\(name): ", before, after, terminal)
    }
  }

  private func change(
    _ name: String, _ before: Document?, _ after: Document?, _ terminal: TerminalText
  ) -> [String] {
    func lines(_ sign: String, _ value: Document?, _ style: TerminalText.Style) -> [String] {
      guard let value else { return [] }
      return terminal.wrapped("\(name)\(value.json)", indent: "     ").enumerated().map { position, line in
        terminal.styled(position == 0 ? "   \(sign)" + line.dropFirst(4) : line, style)
      }
    }
    return lines("-", before, .red) + lines("+", after, .green)
  }

  private func text(of call: APICall, as what: String, _ terminal: TerminalText) -> [String] {
    terminal.wrapped("\(what): \(call.service) \(call.operation)", indent: "   ")
      + terminal.wrapped(call.parameters.json, indent: "     ")
  }
}

extension Action.Risk {
  var style: TerminalText.Style {
    switch self {
    case .low: .bold
    case .medium: .yellow
    case .high: .boldRed
    }
  }
}
