package import Governance

/// How much may be changed before a person has to say so again.
package struct Budgets: Sendable, Equatable {
  package var actionsPerRun: Int
  package var actionsPerAccount: Int
  /// Over the whole organization, in any 24 hours, all runs together.
  package var actionsPerDay: Int
  /// Failed actions among those tried, 0…1, above which the line is stopped.
  package var failureRate: Double
  /// A plan older than this is stale.
  package var planMaximumAge: Duration

  package init(
    actionsPerRun: Int, actionsPerAccount: Int, actionsPerDay: Int, failureRate: Double, planMaximumAge: Duration
  ) {
    self.actionsPerRun = actionsPerRun
    self.actionsPerAccount = actionsPerAccount
    self.actionsPerDay = actionsPerDay
    self.failureRate = failureRate
    self.planMaximumAge = planMaximumAge
  }

  /// What a set of actions would break; empty when it is within all budgets.
  package func broken(by actions: [Action], changedInLastDay: Int) -> [String] {
    var broken: [String] = []
    if actions.count > actionsPerRun {
      broken.append("\(actions.count) actions, budgets.actionsPerRun allows \(actionsPerRun)")
    }
    let perAccount = Dictionary(grouping: actions, by: \.resource.account).mapValues(\.count)
    for (account, count) in perAccount.sorted(by: { $0.key < $1.key }) where count > actionsPerAccount {
      broken.append("\(count) actions in account \(account), budgets.actionsPerAccount allows \(actionsPerAccount)")
    }
    if actions.count + changedInLastDay > actionsPerDay {
      broken.append(
        "\(actions.count) actions after \(changedInLastDay) in the last 24 hours, budgets.actionsPerDay allows "
          + "\(actionsPerDay)")
    }
    return broken
  }
}

/// Why nothing was changed.
package enum ApplyError: Error, Sendable, Equatable, CustomStringConvertible {
  case stalePlan(age: Duration, allowed: Duration)
  case otherOrganization(plan: String, caller: String)
  case budget([String])
  /// Preconditions that no longer hold.
  case changedSincePlan([String])
  case unknownRun(String)
  case unknownAction(Int, run: String)
  case nothingToUndo(String)
  case undoOfUndo(String)
  /// Entries of an interrupted run whose outcome cannot be read now: they stay open, and nothing else is done.
  case unsettled([String])
  /// The plan wants what its plugins were never granted.
  case notGranted([String])

  package var description: String {
    switch self {
    case .stalePlan(let age, let allowed):
      "the plan is \(age.brief) old, and a plan is good for \(allowed.brief); make a new one with `reeve plan`"
    case .otherOrganization(let plan, let caller):
      "the plan is for organization \(plan.isEmpty ? "(none)" : plan), the caller belongs to "
        + (caller.isEmpty ? "none" : caller)
    case .budget(let broken): "over budget, nothing was changed: " + broken.joined(separator: "; ")
    case .changedSincePlan(let changes):
      "the world has changed since the plan was made, nothing was changed; make a new one with `reeve plan`:\n  "
        + changes.joined(separator: "\n  ")
    case .unknownRun(let id): "no run \(id) in the ledger; `reeve runs` lists them"
    case .unknownAction(let number, let run): "run \(run) has no action \(number); `reeve runs show \(run)` lists them"
    case .undoOfUndo(let id): "run \(id) is an undo itself; apply the plan again instead"
    case .unsettled(let entries):
      "an interrupted run left actions whose outcome cannot be read now; nothing else was done. Mend what keeps them from "
        + "being read and run this again:\n  " + entries.joined(separator: "\n  ")
    case .notGranted(let problems):
      "the plan wants what was not granted, nothing was changed:\n  " + problems.joined(separator: "\n  ")
    case .nothingToUndo(let id): "run \(id) changed nothing that is still in place"
    }
  }
}
