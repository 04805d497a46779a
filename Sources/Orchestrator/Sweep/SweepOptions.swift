package import Governance

/// What a sweep is asked to do. Nothing here has an ambient default.
package struct SweepOptions: Sendable {
  package var id: String
  /// Host and process, as the lease names it.
  package var holder: String
  /// Check ids; every one must be known.
  package var checks: [String]
  package var accounts: AccountSelection
  package var regions: Selection
  package var trusted: [String]
  /// By plugin id.
  package var pluginConfigurations: [String: Document]
  /// Scopes looked at at the same time.
  package var concurrency: Int
  package var maximumDuration: Duration?
  /// How old a recorded answer may be for a request that allows one; zero reads everything anew.
  package var answersMaximumAge: Duration
  /// Go on with the latest interrupted sweep of the same selection.
  package var resumes: Bool
  /// Where DescribeRegions is asked.
  package var homeRegion: String
  /// What is known not to be looked at before the sweep begins: plugins that could not be loaded.
  package var missing: [String]
  /// Attributes by resource type that are discovered although no check reads them.
  package var inventory: [String: [String]] = [:]

  package init(
    id: String, holder: String, checks: [String], accounts: AccountSelection, regions: Selection, trusted: [String],
    pluginConfigurations: [String: Document], concurrency: Int, maximumDuration: Duration?,
    answersMaximumAge: Duration, resumes: Bool, homeRegion: String,
    missing: [String]
  ) {
    self.id = id
    self.holder = holder
    self.checks = checks
    self.accounts = accounts
    self.regions = regions
    self.trusted = trusted
    self.pluginConfigurations = pluginConfigurations
    self.concurrency = concurrency
    self.maximumDuration = maximumDuration
    self.answersMaximumAge = answersMaximumAge
    self.resumes = resumes
    self.homeRegion = homeRegion
    self.missing = missing
  }

  /// Equal for two sweeps that look at the same things.
  package var selectionKey: String {
    "checks=\(checks.sorted().joined(separator: ",")) accounts: \(accounts.key) regions: \(regions.key)"
  }
}

/// What a sweep tells while it runs.
package struct SweepProgress: Sendable, Equatable {
  package var scopesDone = 0
  /// Scopes known so far; grows while accounts are still being listed.
  package var scopesKnown = 0
  package var accountsDone = 0
  package var accounts = 0
  package var failingVerdicts = 0
  package var gaps = 0
}

package protocol SweepObserver: Sendable {
  func sweepProgressed(_ progress: SweepProgress)
  /// A line for a person: an unmatched selection, a taken-over lease, a plugin's log line.
  func sweepNoted(_ note: String)
}

/// What a sweep did. Findings, coverage and what was not evaluated are read from the ledger.
package struct SweepOutcome: Sendable {
  package var record: SweepRecord
  package var caller: CallerIdentity
  package var organization: Organization
  /// Why it ended early; nil when it ran to its end.
  package var stopped: String?
  /// The oldest fact used, by `type attribute`, where it is older than the sweep.
  package var oldestFacts: [String: Timestamp]

  package init(
    record: SweepRecord, caller: CallerIdentity, organization: Organization, stopped: String?,
    oldestFacts: [String: Timestamp]
  ) {
    self.record = record
    self.caller = caller
    self.organization = organization
    self.stopped = stopped
    self.oldestFacts = oldestFacts
  }
}

/// A sweep that could not begin.
package enum SweepError: Error, Sendable, CustomStringConvertible {
  case unknownChecks([String], known: [String])
  case noCredentials(FailureReason)
  case organization(FailureReason)
  case plugin(PluginFailure)
  case unitsUnknown(String)

  package var description: String {
    switch self {
    case .unknownChecks(let unknown, let known):
      "unknown check \(unknown.map { "\"\($0)\"" }.joined(separator: ", ")); "
        + SourceReader.suggestion(for: unknown.first ?? "", among: known)
    case .noCredentials(let reason): "the caller's credentials cannot be used: \(reason)"
    case .organization(let reason): "the organization cannot be listed: \(reason)"
    case .plugin(let failure): failure.description
    case .unitsUnknown(let reason):
      "organization.include or exclude names units, and which account is in which unit is not known: \(reason)"
    }
  }
}
