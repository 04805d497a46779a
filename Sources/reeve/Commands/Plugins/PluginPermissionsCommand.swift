import AWSAccess
import Configuration
import Governance
import Orchestrator
import PluginHost

extension Command {
  static let pluginPermissions = Command(
    path: ["plugin", "permissions"], summary: "print the least IAM policies that the loaded plugins' grants need",
    discussion: """
      As policies for the caller, each hub role and the role in every account; or as a CloudFormation template that makes
      the roles, for a StackSet over the organization.
      """,
    options: [
      .init(name: "--format", value: "FORMAT", help: "iam or cloudformation. Default: iam"),
      .init(name: "--partition", value: "NAME", help: "aws, aws-cn or aws-us-gov. Default: aws"),
      .init(name: "--config", value: "FILE", help: "the configuration with the role chain and the team's plugins"),
      .init(
        name: "--role", value: "NAME|ARN",
        help: "the role in each account; repeated, the chain in its order. Default: what the configuration says, or "
          + "ReeveRead", repeats: true),
    ]
  ) { arguments, context in
    let format = arguments.value("--format") ?? "iam"
    guard ["iam", "cloudformation"].contains(format) else {
      throw UsageError(problems: ["--format \(format): expected iam or cloudformation"], command: "plugin permissions")
    }
    guard let partition = Partition(rawValue: arguments.value("--partition") ?? "aws") else {
      let names = Partition.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError(problems: ["--partition: expected one of \(names)"], command: "plugin permissions")
    }
    var settings = try Settings.load(arguments, context)
    // AWS makes the default role itself, with every permission there is; one of its own is what this is about.
    if arguments.values("--role").isEmpty, settings.configuration.roles.isEmpty {
      settings.chain = [RoleHop.named("ReeveRead")]
    }
    let host = try Plugins.load(settings, context, replaying: true)
    guard host.errors.isEmpty else {
      throw CommandFailure.failed("some plugins were not loaded, see above: their permissions would be missing")
    }
    let planning = host.manifests.filter { $0.kinds.contains(.tagger) || $0.kinds.contains(.remediator) }
    let least = LeastPrivilege(
      reads: host.manifests.filter { $0.kinds.contains(.discovery) }.flatMap(\.operations),
      plans: planning.flatMap(\.operations), changedTypes: planning.flatMap(\.touchedTypes), chain: settings.chain)
    do throws(FailureReason) {
      try least.checkSessionPolicies()
    } catch {
      throw CommandFailure.usage(error.description)
    }
    let document =
      format == "iam" ? least.policies(partition: partition.rawValue) : least.cloudFormationTemplate
    context.output.write(document.prettyJSON + "\n")
    return .clean
  }
}
