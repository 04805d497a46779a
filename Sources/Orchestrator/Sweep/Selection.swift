package import Governance

/// Which accounts and regions a sweep looks at. What is left out is left out by a rule that can be named.
package struct Selection: Sendable, Equatable {
  package enum Criterion: Sendable, Equatable {
    case account(String)
    /// A unit's id, ARN or name; accounts anywhere below it match.
    case unit(String)
    case tag(key: String, value: String?)
  }
  package struct Rule: Sendable, Equatable {
    package var criterion: Criterion
    /// Where it stands: `organization.exclude.accounts (reeve.yaml:12)`.
    package var name: String

    package init(criterion: Criterion, name: String) {
      self.criterion = criterion
      self.name = name
    }
  }
  package struct RegionRule: Sendable, Equatable {
    package var region: String
    package var name: String

    package init(region: String, name: String) {
      self.region = region
      self.name = name
    }
  }

  /// Empty: every account.
  package var includedAccounts: [Rule]
  package var excludedAccounts: [Rule]
  /// Empty: every region.
  package var includedRegions: [RegionRule]
  package var excludedRegions: [RegionRule]

  package init(
    includedAccounts: [Rule] = [], excludedAccounts: [Rule] = [], includedRegions: [RegionRule] = [],
    excludedRegions: [RegionRule] = []
  ) {
    self.includedAccounts = includedAccounts
    self.excludedAccounts = excludedAccounts
    self.includedRegions = includedRegions
    self.excludedRegions = excludedRegions
  }

  /// The rule that leaves an account out; nil when it is in.
  package func exclusion(of account: Account, units: [OrganizationalUnit]) -> String? {
    if let rule = excludedAccounts.first(where: { Self.matches($0.criterion, account, units) }) {
      return "excluded by \(rule.name)"
    }
    if let first = includedAccounts.first,
      !includedAccounts.contains(where: { Self.matches($0.criterion, account, units) })
    {
      return "not named by \(first.name)"
    }
    return nil
  }

  /// The rule that leaves a region out; nil when it is in.
  package func exclusion(ofRegion region: String) -> String? {
    if let rule = excludedRegions.first(where: { $0.region == region }) { return "excluded by \(rule.name)" }
    if let first = includedRegions.first, !includedRegions.contains(where: { $0.region == region }) {
      return "not named by \(first.name)"
    }
    return nil
  }

  private static func matches(_ criterion: Criterion, _ account: Account, _ units: [OrganizationalUnit]) -> Bool {
    switch criterion {
    case .account(let id): return account.id == id
    case .unit(let word):
      return units.contains { unit in
        (unit.id == word || unit.arn == word || unit.name == word) && account.unitPath.hasPrefix(unit.path)
      }
    case .tag(let key, let value):
      return account.tags.contains { $0.key == key && (value == nil || $0.value == value) }
    }
  }

  /// Names that match nothing in the organization: most likely a typing error, and then the selection is wider or
  /// narrower than its author believes.
  package func unmatched(in organization: Organization) -> [String] {
    (includedAccounts + excludedAccounts).filter { rule in
      !organization.accounts.contains { Self.matches(rule.criterion, $0, organization.units) }
    }.map { "\($0.name): \($0.criterion.text) matches no account" }
  }
}

extension Selection.Criterion {
  package var text: String {
    switch self {
    case .account(let id): "account \(id)"
    case .unit(let word): "unit \(word)"
    case .tag(let key, let value): "tag \(key)\(value.map { "=\($0)" } ?? "")"
    }
  }
}
