import AWSAccess
import Configuration
import Governance
import PluginHost
import Reporting
import ScenarioReplay

extension Command {
  static let configSchema = Command(
    path: ["config", "schema"], summary: "print the JSON Schema of reeve.yaml, for editors"
  ) { _, context in
    context.output.write(ReeveConfiguration.schema)
    return .clean
  }

  static let configExample = Command(
    path: ["config", "example"], summary: "print a commented reeve.yaml to begin with"
  ) { _, context in
    context.output.write(ReeveConfigurationExample.text)
    return .clean
  }

  static let configCheck = Command(
    path: ["config", "check"], summary: "check a configuration and say everything that is wrong with it",
    arguments: [.init(name: "FILE", help: "the configuration")]
  ) { arguments, context in
    let file = arguments.positional[0]
    guard let bytes = try context.files.contents(of: file) else { throw CommandFailure.usage("\(file): no such file") }
    let settings = Settings.checking(try ReeveConfiguration.parse(bytes, file: file), file: file)
    let host = try Plugins.load(settings, context, replaying: true)
    _ = try settings.selectedChecks(host.manifests)
    context.output.write("\(file) is fine\n")
    return host.errors.isEmpty ? .clean : .usage
  }
}

extension Settings {
  /// A configuration as it stands, without a command line.
  static func checking(_ configuration: ReeveConfiguration, file: String) -> Settings {
    Settings(
      configuration: configuration, chain: configuration.chain, profile: configuration.profile,
      region: configuration.region, regions: configuration.regions, checks: configuration.checks,
      ledgerPath: configuration.ledger, failOn: configuration.failOn, limits: configuration.limits, file: file)
  }
}

extension Command {
  static let reportSchema = Command(
    path: ["report", "schema"], summary: "print the JSON Schema of `reeve sweep --format json`"
  ) { _, context in
    context.output.write(SweepReportSchema.text)
    return .clean
  }
}
