package import Governance

/// `reeve runs`: what was applied and undone, and how far each action came.
package struct RunListing: Sendable {
  package struct Run: Sendable {
    package var id: String
    package var kind: String
    /// The plan's digest, or the run that is undone.
    package var subject: String
    package var status: String
    package var startedAt: Timestamp
    package var finishedAt: Timestamp?
    package var message: String
    package var steps: [Step]

    package init(
      id: String, kind: String, subject: String, status: String, startedAt: Timestamp, finishedAt: Timestamp?,
      message: String, steps: [Step] = []
    ) {
      self.id = id
      self.kind = kind
      self.subject = subject
      self.status = status
      self.startedAt = startedAt
      self.finishedAt = finishedAt
      self.message = message
      self.steps = steps
    }
  }

  /// One action of a run.
  package struct Step: Sendable {
    package var number: Int
    package var action: Action
    package var state: String
    package var at: Timestamp
    package var message: String

    package init(number: Int, action: Action, state: String, at: Timestamp, message: String) {
      self.number = number
      self.action = action
      self.state = state
      self.at = at
      self.message = message
    }
  }

  /// Latest first, as the ledger gives them.
  package var runs: [Run]
  package var accountNames: [String: String]

  package init(runs: [Run], accountNames: [String: String] = [:]) {
    self.runs = runs
    self.accountNames = accountNames
  }

  /// One line a run.
  package func table(width: Int, color: Bool) -> String {
    let terminal = TerminalText(width: width, color: color)
    guard !runs.isEmpty else { return "No runs.\n" }
    var table = TextTable([
      .init("RUN", minimum: 10), .init("KIND"), .init("STATUS"), .init("STARTED"), .init("ACTIONS", minimum: 8),
    ])
    table.indent = ""
    for run in runs {
      table.add(
        [run.id, run.kind, run.status, run.startedAt.iso8601, states(run)],
        details: terminal.wrapped(run.message, indent: "    "))
    }
    return table.lines(terminal).joined(separator: "\n") + "\n"
  }

  /// `reeve runs show`: each run with its actions.
  package func details(width: Int, color: Bool) -> String {
    let terminal = TerminalText(width: width, color: color)
    return runs.map { details($0, terminal) }.joined(separator: "\n")
  }

  private func details(_ run: Run, _ terminal: TerminalText) -> String {
    let took = run.finishedAt.map { ", took \(($0 - run.startedAt).brief)" } ?? ", not finished"
    var lines = [terminal.spread("\(run.kind) \(run.id)", run.status, style: .bold)]
    lines += terminal.wrapped("of \(run.subject), started \(run.startedAt.iso8601)\(took)", indent: "  ")
    lines += terminal.wrapped(run.message, indent: "  ")
    var table = TextTable([
      .init("#", isRight: true), .init("STATE"), .init("AT"), .init("RESOURCE"),
      .init("ACCOUNT", minimum: 12),
      .init("REGION"),
    ])
    let accounts = AccountLabels(names: accountNames)
    for step in run.steps.sorted(by: { $0.number < $1.number }) {
      let resource = step.action.resource
      let text = step.message.isEmpty ? step.action.summary : "\(step.action.summary): \(step.message)"
      table.add(
        ["\(step.number)", step.state, step.at.iso8601, resource.id, accounts(resource.account), resource.region],
        details: terminal.wrapped(text, indent: "      "))
    }
    lines += run.steps.isEmpty ? [] : table.lines(terminal)
    return lines.joined(separator: "\n") + "\n"
  }

  /// `3 verified, 1 failed`
  private func states(_ run: Run) -> String {
    let counts = Dictionary(grouping: run.steps, by: \.state).mapValues(\.count)
    return counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }
}
