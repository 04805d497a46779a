import Governance

/// One thing that must never be, and was.
package struct SwarmViolation: Sendable, Equatable, CustomStringConvertible {
  /// What must hold, whatever happens.
  package enum Invariant: String, Sendable, CaseIterable {
    /// Nothing private becomes public by Reeve, and no share is widened; only an undo gives back what was taken.
    case neverWidens = "never-widens"
    /// Reeve calls nothing that its plugins were not granted.
    case grantedOnly = "granted-only"
    /// Nothing is changed but by an apply or an undo, and there nothing but what its action names.
    case changesOnlyItsResource = "changes-only-its-resource"
    /// Before each change stands its journal entry.
    case journalFirst = "journal-first"
    /// What an action rests on was so while its run was under way.
    case preconditionHeld = "precondition-held"
    /// No action is carried out twice.
    case onlyOnce = "only-once"
    /// A run that has ended has settled all its actions.
    case settledRuns = "settled-runs"
    /// What is verified is so.
    case verifiedIsTrue = "verified-is-true"
    /// An undo that succeeded leaves the world as it was before the apply.
    case undoRestores = "undo-restores"
    /// Every scope of the organization has one verdict.
    case everyScopeHasAVerdict = "every-scope-has-a-verdict"
    /// What could be looked at was looked at, and what could not is not said to have been.
    case coverageIsTrue = "coverage-is-true"
    /// Findings are what the world says.
    case findingsAreTrue = "findings-are-true"
    /// What was not looked at keeps the findings that it had.
    case unseenIsNoPass = "unseen-is-no-pass"
    /// With faults gone, a further sweep and apply reach the desired state.
    case converges
    /// The same seed gives the same bytes.
    case sameSeedSameBytes = "same-seed-same-bytes"
    /// The replay itself fails: a deadlock, work on a foreign thread.
    case harness
  }

  package var invariant: Invariant
  /// The step in which it showed.
  package var step: String
  package var detail: String

  package init(_ invariant: Invariant, step: String, detail: String) {
    self.invariant = invariant
    self.step = step
    self.detail = detail
  }

  package var description: String { "\(invariant.rawValue), step \(step): \(detail)" }
}
