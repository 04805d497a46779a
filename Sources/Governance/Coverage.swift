/// Whether one scope was really looked at.
///
/// A scope whose regions could not even be listed stands with the region `*`: every region of the account.
package struct Coverage: Sendable, Equatable {
  package enum Verdict: String, Sendable, CaseIterable {
    case scanned
    // Accounted for: not looked at, for a reason that is no gap.
    case regionNotOptedIn = "region-not-opted-in"
    case accountNotActive = "account-not-active"
    case excluded
    // Gaps.
    case partial
    case denied
    case assumeRoleFailed = "assume-role-failed"
    case throttledOut = "throttled-out"
    case timedOut = "timed-out"
    case pluginFailed = "plugin-failed"
    case interrupted
    /// No answer that could be used: broken connections, malformed bodies, server errors.
    case failed

    package var isGap: Bool {
      switch self {
      case .scanned, .regionNotOptedIn, .accountNotActive, .excluded: false
      default: true
      }
    }
    package var isAccountedFor: Bool { !isGap && self != .scanned }
  }

  package var scope: Scope
  package var verdict: Verdict
  /// For a person: AWS's code and message, the rule that excluded the scope, the plugin that failed. Empty for scanned.
  package var reason: String
  package var resources: Int

  package init(scope: Scope, verdict: Verdict, reason: String, resources: Int = 0) {
    self.scope = scope
    self.verdict = verdict
    self.reason = reason
    self.resources = resources
  }
}
