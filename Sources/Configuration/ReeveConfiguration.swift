package import Governance

/// What `reeve.yaml` says, validated. Every part has a value when it is left out.
package struct ReeveConfiguration: Sendable, Equatable {
  /// One hop of the role chain.
  package struct Role: Sendable, Equatable {
    /// May hold `{account}` and `{partition}` in the last hop.
    package var arn: String
    package var externalID: String?
    package var sessionName: String?
    package var duration: Duration?
    package var tags: [Tag]

    package init(
      arn: String, externalID: String? = nil, sessionName: String? = nil, duration: Duration? = nil, tags: [Tag] = []
    ) {
      self.arn = arn
      self.externalID = externalID
      self.sessionName = sessionName
      self.duration = duration
      self.tags = tags
    }

    /// A role of this name in the account that is swept.
    package static func template(name: String) -> String { "arn:{partition}:iam::{account}:role/\(name)" }
  }

  package struct Plugins: Sendable, Equatable {
    package var directories: [String] = []
    package var lock: String?
    /// Do the shipped plugins run in a sandbox too? A team's own run as their lock says.
    package var sandboxesShipped = false
    /// May plugins run in a sandbox that lacks a layer, where the kernel does not have it?
    package var allowsDegradedSandbox = false
    /// As `ed25519:BASE64`. Empty: signatures are not asked for.
    package var trustedKeys: [String] = []
    /// By plugin id. The places of the values are kept for the plugin's own schema to name.
    package var configurations: [String: Document] = [:]
    package var locations: [String: SourceValue.Location] = [:]
  }

  package struct Limits: Sendable, Equatable {
    /// The share of AWS's published request rates that Reeve may use.
    package var share = 0.5
    /// Scopes at a time.
    package var concurrency = 32
    /// nil: until it is done.
    package var maximumDuration: Duration?
    package var launchPermissionsMaximumAge: Duration = .seconds(86_400)
    /// Tries of one call, the first included.
    package var attempts = 8
  }

  package struct Budgets: Sendable, Equatable {
    package var actionsPerRun = 100
    package var actionsPerAccount = 25
    /// In the whole organization.
    package var actionsPerDay = 500
    package var failureRate = 0.1
  }

  package var profile: String?
  package var region: String?
  /// In the order they are assumed; empty: Reeve's default.
  package var roles: [Role] = []
  /// Accounts to sweep where Organizations may not be read; empty: list the organization.
  package var accounts: [String] = []
  package var accountSelection = AccountSelection()
  package var regions = Selection()
  package var checks = Selection()
  package var trusted: [String] = []
  package var plugins = Plugins()
  package var ledger = "reeve.db"
  package var failOn = Severity.info
  package var limits = Limits()
  package var budgets = Budgets()

  /// What holds without a file.
  package init() {}

  /// What may stand in `reeve.yaml`, and without a version of its own in another file.
  package static let embeddedShape = ConfigurationShape.mapping(keys.filter { $0.name != "version" })

  /// Throws every problem of the file at once. A configuration that is part of another file has no version.
  package static func parse(_ value: SourceValue, isEmbedded: Bool = false) throws(SourceProblems) -> ReeveConfiguration
  {
    let reader = SourceReader()
    ConfigurationValidator(reader: reader).check(value, isEmbedded ? embeddedShape : .mapping(keys))
    RoleChainRules(reader: reader).check(value["roles"])
    try reader.finish()
    return try ConfigurationBuilder(root: value).build()
  }

  package static func parse(_ bytes: [UInt8], file: String) throws(SourceProblems) -> ReeveConfiguration {
    try parse(YAML.parse(bytes, file: file))
  }
}
