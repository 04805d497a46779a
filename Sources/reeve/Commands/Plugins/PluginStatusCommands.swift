import Governance
import Orchestrator
import PluginHost

extension Command {
  static let pluginStatus = Command(
    path: ["plugin", "status"], summary: "how plugins run, and which are in quarantine and why",
    discussion: """
      A plugin that mostly crashes, hangs or lies is not called any more: what it should have said is not evaluated, in
      every sweep, until its library changes or it is reset. Exit status: 1 when one is in quarantine.
      """,
    options: [
      .init(name: "--config", value: "FILE", help: "the configuration that names the team's plugins"),
      .init(name: "--ledger", value: "FILE", help: "the ledger; the quarantine lies beside it"),
    ]
  ) { arguments, context in
    let settings = try Settings.load(arguments, context)
    let file = QuarantineFile(ledger: settings.ledgerPath, context)
    let quarantined = try file.read()
    let host = try Plugins.load(settings, context, replaying: true, ledger: settings.ledgerPath)
    let layers = context.sandboxLayers.map(\.rawValue).sorted()
    context.output.write("sandbox: \(layers.count == 2 ? "whole" : "degraded") (\(layers.joined(separator: ", ")))\n")
    for manifest in host.manifests {
      let entry = quarantined.first { $0.plugin.plugin == manifest.id }
      context.output.write(
        "\(manifest.id) \(manifest.version)  \(manifest.isolation.rawValue)  "
          + "\(entry == nil ? "ok" : "in quarantine since \(entry?.since.iso8601 ?? "")")\n")
      if let entry { context.output.write("  \(entry.plugin.reason)\n") }
    }
    let gone = quarantined.filter { entry in !host.manifests.contains { $0.id == entry.plugin.plugin } }
    for entry in gone {
      context.output.write(
        "\(entry.plugin.plugin) \(entry.plugin.version)  not loaded  in quarantine since \(entry.since.iso8601)\n"
          + "  \(entry.plugin.reason)\n")
    }
    if !host.errors.isEmpty { return .failed }
    return quarantined.isEmpty ? .clean : .findings
  }

  static let pluginReset = Command(
    path: ["plugin", "reset"], summary: "let a plugin out of quarantine",
    options: [
      .init(name: "--config", value: "FILE", help: "the configuration that names the ledger"),
      .init(name: "--ledger", value: "FILE", help: "the ledger; the quarantine lies beside it"),
    ], arguments: [.init(name: "ID", help: "the plugin's id")]
  ) { arguments, context in
    let settings = try Settings.load(arguments, context)
    let file = QuarantineFile(ledger: settings.ledgerPath, context)
    let id = arguments.positional[0]
    let known = try file.read().map(\.plugin.plugin)
    guard try file.remove(id) else {
      throw CommandFailure.usage(
        "\(id) is not in quarantine (\(file.path)); \(known.isEmpty ? "nobody is" : "there are: \(known.joined(separator: ", "))")"
      )
    }
    context.output.write("\(id) is called again from the next sweep on\n")
    return .clean
  }
}
