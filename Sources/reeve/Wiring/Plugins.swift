import Configuration
import Determinism
import Governance
import Orchestrator
import PluginHost

/// Finds and loads the plugins, and says what could not be loaded.
enum Plugins {
  /// `ledger`: where the ledger lies, beside which it is kept who is in quarantine; nil: nobody is.
  static func load(_ settings: Settings, _ context: Context, replaying: Bool, ledger: String? = nil) throws
    -> PluginHost
  {
    let plugins = settings.configuration.plugins
    return try load(
      PluginSources(
        shipped: try shippedDirectory(context), lock: plugins.lock, directories: plugins.directories,
        trustedKeys: try plugins.trustedKeys.map { try PublicKey($0) }),
      configurations: plugins.configurations, locations: plugins.locations, isolation: plugins, context,
      replaying: replaying, quarantine: ledger.map { QuarantineFile(ledger: $0, context) })
  }

  static func load(
    _ sources: PluginSources, configurations: [String: Document], locations: [String: SourceValue.Location] = [:],
    isolation plugins: ReeveConfiguration.Plugins? = nil, _ context: Context, replaying: Bool,
    quarantine: QuarantineFile? = nil, observe: @escaping @Sendable (SandboxEvent) -> Void = { _ in }
  ) throws -> PluginHost {
    let lane: @Sendable (String) throws -> any Lane = {
      replaying ? DirectLane() : try context.lane("plugin.\($0)")
    }
    let sandbox = try sandbox(plugins, context, replaying: replaying)
    let environment = PluginEnvironment(
      makeLane: lane,
      watchdog: try watchdog(context), callLimit: .seconds(60), owners: context.owners, hostVersion: Reeve.version,
      log: { line in
        if line.level == .warning { context.errors.write("plugin \(line.plugin): \(line.message)\n") }
      }, sandbox: sandbox, shippedIsolation: (plugins?.sandboxesShipped ?? false) ? .sandbox : .inline,
      quarantined: try quarantine?.read().map(\.plugin) ?? [],
      quarantine: { plugin in
        do {
          try quarantine?.add(plugin)
        } catch {
          context.errors.write("reeve: plugin \(plugin.plugin) is in quarantine for this run only: \(error)\n")
        }
      }, observe: observe)
    let host = PluginHost(loading: sources, environment: environment)
    if let degradation = sandbox?.degradation, host.manifests.contains(where: { $0.isolation == .sandbox }) {
      context.errors.write("reeve: \(degradation); plugins.degradedSandbox allows it\n")
    }
    for error in host.errors { context.errors.write("reeve: \(error)\n") }
    let problems = host.configurationProblems(configurations)
    guard problems.isEmpty else {
      throw CommandFailure.usage(
        problems.map { problem in
          let place = locations[problem.plugin].map { "\($0): " } ?? ""
          return "\(place)plugins.configuration.\(problem.plugin): \(problem.problem)"
        }.joined(separator: "\nreeve: "))
    }
    return host
  }

  /// How host processes are made; nil where there is no executable for them.
  private static func sandbox(
    _ plugins: ReeveConfiguration.Plugins?, _ context: Context, replaying: Bool
  ) throws -> SandboxSettings? {
    let executable = "\(context.executableDirectory)/reeve-plugin-host"
    guard try context.files.exists(executable) else { return nil }
    return SandboxSettings(
      executable: executable, libraryPath: context.swiftRuntime, offered: context.sandboxLayers,
      allowsDegraded: plugins?.allowsDegradedSandbox ?? false,
      // A replay is one thread's work, and has one order.
      workers: replaying ? 1 : min(4, context.processors))
  }

  private static func watchdog(_ context: Context) throws -> any Watchdog {
    try ThreadWatchdog { call in context.abandon("reeve: \(call.overdueMessage)") }
  }

  /// Beside the binary in a build folder, under `../lib/reeve` where it is installed.
  static func shippedDirectory(_ context: Context) throws -> String {
    let candidates = ["\(context.executableDirectory)/plugins", "\(context.executableDirectory)/../lib/reeve/plugins"]
    for candidate in candidates where try context.files.contents(of: "\(candidate)/shipped.lock") != nil {
      return candidate
    }
    throw CommandFailure.failed(
      "no shipped plugins: looked for shipped.lock in \(candidates.joined(separator: " and ")); "
        + "`make build` or `make install` puts them there")
  }
}
