import Governance

extension ReeveConfiguration {
  /// Every key of `reeve.yaml`.
  static let keys: [ConfigurationKey] = [
    ConfigurationKey("version", .integer(1...1), isRequired: true, "The version of this file's form: 1."),
    ConfigurationKey(
      "profile", .text(.any), "The AWS profile that Reeve starts from. Left out: as the AWS CLI chooses."),
    ConfigurationKey("region", .text(.region), "The region of the first calls. Left out: as the AWS CLI chooses."),
    ConfigurationKey(
      "roles", .list(of: .mapping(roleKeys)), default: [["name": "OrganizationAccountAccessRole"]], rolesText),
    ConfigurationKey("organization", .mapping(organizationKeys), "Which accounts are swept."),
    ConfigurationKey("regions", .mapping(selectionKeys(.regionPattern, "regions")), "Which regions are swept."),
    ConfigurationKey("checks", .mapping(selectionKeys(.checkPattern, "checks")), "Which checks are made."),
    ConfigurationKey(
      "trusted", .list(of: .text(.trusted)), default: [],
      "Accounts, organizations and organizational units outside this organization that images may be shared with. The "
        + "organization itself is always trusted."),
    ConfigurationKey("plugins", .mapping(pluginKeys), "Plugins of your own, and what plugins are configured with."),
    ConfigurationKey(
      "ledger", .text(.path), default: "reeve.db", "The ledger's file. Relative paths begin at this file's folder."),
    ConfigurationKey(
      "failOn", .choice(Severity.allCases.map(\.rawValue)), default: "info",
      "The lowest severity of an open finding that makes the exit status 1. Gaps in coverage are never bounded by it."),
    ConfigurationKey(
      "limits", .mapping(limitKeys), "How much of AWS's request rates and of your time a sweep may use."),
    ConfigurationKey("budgets", .mapping(budgetKeys), "Where an apply stops the line."),
  ]

  private static let rolesText =
    "The role chain, in the order the roles are assumed. The last role is assumed in every account and may hold "
    + "{account} and {partition}. Reeve's own account is swept with its own credentials."

  private static let roleKeys = [
    ConfigurationKey("arn", .text(.roleARN), "The role. In the last one {account} and {partition} are filled in."),
    ConfigurationKey("name", .text(.roleName), "Short for arn:{partition}:iam::{account}:role/NAME, in the last role."),
    ConfigurationKey("externalId", .text(.externalID), "The external id that the role's trust policy asks for."),
    ConfigurationKey("sessionName", .text(.sessionName), default: "reeve", "The session's name in CloudTrail."),
    ConfigurationKey(
      "duration", .duration(.seconds(900) ... .seconds(43_200)), default: "1h",
      "How long a session lasts. A role that a role assumed: at most 1h."),
    ConfigurationKey("tags", .named(.tagKey, .text(.tagValue)), "Session tags."),
  ]

  private static let organizationKeys = [
    ConfigurationKey(
      "accounts", .list(of: .text(.accountID)), default: [],
      "The accounts to sweep, where the organization may not be listed. Left out: every account of the organization."),
    ConfigurationKey("include", .mapping(accountKeys), "Only these accounts. Left out: all."),
    ConfigurationKey("exclude", .mapping(accountKeys), "Not these accounts. Wins over include."),
  ]

  private static let accountKeys = [
    ConfigurationKey("accounts", .list(of: .text(.accountID)), "Account ids."),
    ConfigurationKey("units", .list(of: .text(.unit)), "Ids or ARNs of organizational units; units below them count."),
    ConfigurationKey(
      "tags", .named(.tagKey, .oneOrMore(.text(.tagValue))),
      "Tags of the account: a key and one value or several. * stands for anything."),
  ]

  private static func selectionKeys(_ format: TextFormat, _ what: String) -> [ConfigurationKey] {
    [
      ConfigurationKey(
        "include", .list(of: .text(format)), "Only these \(what). Left out: all. * stands for anything."),
      ConfigurationKey("exclude", .list(of: .text(format)), "Not these \(what). Wins over include."),
    ]
  }

  private static let pluginKeys = [
    ConfigurationKey("directories", .list(of: .text(.path)), default: [], "Folders with plugins of your own."),
    ConfigurationKey("lock", .text(.path), "The lock file that says which of them may be loaded: plugins.lock."),
    ConfigurationKey(
      "isolation", .choice(["inline", "sandbox"]), default: "inline",
      "How the shipped plugins run: in reeve's own process, or each in a sandbox. Your own run as plugins.lock says."),
    ConfigurationKey(
      "degradedSandbox", .choice(["refuse", "allow"]), default: "refuse",
      "Where the kernel lacks Landlock or seccomp: refuse plugins that are to run in a sandbox, or run them in what there is."
    ),
    ConfigurationKey(
      "trustedKeys", .list(of: .text(.publicKey)), default: [],
      "Public keys, as `reeve plugin keygen` prints them. If any is named, one of them must have signed each of your "
        + "plugins."),
    ConfigurationKey(
      "configuration", .named(.pluginID, .foreign),
      "By plugin id, what the plugin is configured with. `reeve plugin list` names each plugin's keys."),
  ]

  private static let limitKeys = [
    ConfigurationKey(
      "share", .real(0.05...1), default: 0.5,
      "The share of AWS's published request rates that Reeve may use; the rest is left to production."),
    ConfigurationKey("concurrency", .integer(1...512), default: 32, "How many scopes are swept at a time."),
    ConfigurationKey(
      "maxDuration", .duration(.seconds(1) ... .seconds(7 * 86_400)),
      "A sweep ends cleanly after this time. Left out: when it is done."),
    ConfigurationKey(
      "launchPermissionsMaximumAge", .duration(.zero ... .seconds(90 * 86_400)), default: "24h",
      "Launch permissions that were read within this time are not read again."),
    ConfigurationKey("attempts", .integer(1...20), default: 8, "How often a call is tried before its scope is a gap."),
  ]

  private static let budgetKeys = [
    ConfigurationKey("actionsPerRun", .integer(0...1_000_000), default: 100, "Actions of one apply."),
    ConfigurationKey("actionsPerAccount", .integer(0...1_000_000), default: 25, "Actions of one apply in one account."),
    ConfigurationKey(
      "actionsPerDay", .integer(0...1_000_000), default: 500, "Actions in the organization in 24 hours."),
    ConfigurationKey(
      "failureRate", .real(0...1), default: 0.1, "The share of failed actions at which the line is stopped."),
  ]
}
