import Governance
import Orchestrator
import PluginHost

extension Command {
  static let pluginList = Command(
    path: ["plugin", "list"], summary: "list the loaded plugins, their checks and what they may call",
    options: [.init(name: "--config", value: "FILE", help: "the configuration that names the team's plugins")]
  ) { arguments, context in
    let host = try Plugins.load(try Settings.load(arguments, context), context, replaying: true)
    for manifest in host.manifests {
      let kinds = manifest.kinds.map(\.rawValue).joined(separator: ", ")
      let origin = manifest.isShipped ? "shipped" : "plugins.lock"
      context.output.write(
        "\(manifest.id) \(manifest.version)  \(kinds)  (\(origin), \(manifest.isolation.rawValue))\n")
      if !manifest.summary.isEmpty { context.output.write("  \(manifest.summary)\n") }
      for check in manifest.checks {
        context.output.write(
          "  check \(check.id.padded(to: 30)) \(check.severity.rawValue.padded(to: 8)) \(check.title)\n")
        for framework in check.frameworks {
          context.output.write("    \(framework.framework): \(framework.controls.joined(separator: ", "))\n")
        }
      }
      if !manifest.operations.isEmpty {
        context.output.write("  calls \(manifest.operations.joined(separator: ", "))\n")
      }
    }
    return host.errors.isEmpty ? .clean : .failed
  }
}
