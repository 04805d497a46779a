import AWSAccess
import Configuration
import Governance
import Orchestrator
import ScenarioReplay

/// What the configuration file and the command line say together; the command line wins.
struct Settings: Sendable {
  var configuration: ReeveConfiguration
  var chain: [RoleHop]
  var profile: String?
  var region: String?
  var regions: Selection
  var checks: Selection
  var ledgerPath: String
  var failOn: Severity
  var limits: ReeveConfiguration.Limits
  /// Where the file was, for messages; nil without one.
  var file: String?

  static let options: [Command.Option] = [
    .init(name: "--config", value: "FILE", help: "the configuration, reeve.yaml; `reeve config schema` describes it"),
    .init(name: "--profile", value: "NAME", help: "a profile of the AWS configuration files, as AWS_PROFILE"),
    .init(name: "--region", value: "REGION", help: "where STS and DescribeRegions are asked, as AWS_REGION"),
    .init(
      name: "--role", value: "NAME|ARN",
      help: "the role to assume in each account, a name or an ARN with {account} and {partition}; repeated, the chain "
        + "in its order. Default: OrganizationAccountAccessRole", repeats: true),
    ledgerOption,
  ]
  static let ledgerOption = Command.Option(
    name: "--ledger", value: "FILE", help: "the ledger. Default: reeve.db, or what the configuration says")

  static func load(_ arguments: Arguments, _ context: Context) throws -> Settings {
    var configuration = ReeveConfiguration()
    let file = arguments.value("--config")
    if let file {
      guard let bytes = try context.files.contents(of: file) else {
        throw CommandFailure.usage("\(file): no such file; `reeve config example` prints one to begin with")
      }
      configuration = try ReeveConfiguration.parse(bytes, file: file)
    }
    let roles = arguments.values("--role")
    let chain = roles.isEmpty ? configuration.chain : roles.map { RoleHop.named($0) }
    func selection(_ option: String, _ configured: Selection) -> Selection {
      let given = arguments.list(option)
      return given.isEmpty
        ? configured
        : Selection(include: given.map { SelectionRule(key: option, pattern: $0) }, exclude: configured.exclude)
    }
    var limits = configuration.limits
    if let duration = try arguments.parsed("--max-duration", expected: "a duration such as 90m", Duration.init(text:)) {
      limits.maximumDuration = duration
    }
    if let concurrency = try arguments.parsed(
      "--concurrency", expected: "1 to 512", { Int($0).flatMap { (1...512).contains($0) ? $0 : nil } })
    {
      limits.concurrency = concurrency
    }
    if let age = try arguments.parsed("--max-age", expected: "a duration such as 24h", Duration.init(text:)) {
      limits.launchPermissionsMaximumAge = age
    }
    let failOn = try arguments.parsed(
      "--fail-on", expected: "one of \(Severity.allCases.map(\.rawValue).joined(separator: ", "))",
      Severity.init(rawValue:))
    return Settings(
      configuration: configuration, chain: chain, profile: arguments.value("--profile") ?? configuration.profile,
      region: arguments.value("--region") ?? configuration.region,
      regions: selection("--regions", configuration.regions),
      checks: selection("--checks", configuration.checks),
      ledgerPath: arguments.value("--ledger") ?? configuration.ledger, failOn: failOn ?? configuration.failOn,
      limits: limits, file: file)
  }

  /// Check ids that are selected, of those that the loaded plugins have. A pattern that names none is an error.
  func selectedChecks(_ manifests: [PluginManifest]) throws -> [String] {
    let known = manifests.flatMap { $0.checks.map(\.id) }.sorted()
    let unknown = (checks.include + checks.exclude).filter { rule in !known.contains { rule.matches($0) } }
    guard unknown.isEmpty else {
      throw CommandFailure.usage(
        unknown.map {
          "\($0.place): no check \"\($0.pattern)\"; \(SourceReader.suggestion(for: $0.pattern, among: known))"
        }.joined(separator: "\nreeve: "))
    }
    let selected = known.filter { checks.exclusion(of: $0) == nil }
    guard !selected.isEmpty else { throw CommandFailure.usage("no check is selected; `reeve plugin list` names them") }
    return selected
  }

  var callLimits: CallLimits { limits.callLimits }
  var budgets: Budgets { configuration.budgets.orchestrated }
}
