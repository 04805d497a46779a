package import Determinism
package import Orchestrator

/// What the host is given from outside; `reeve` makes the live one.
package struct PluginEnvironment: Sendable {
  /// A lane for each plugin (by id): its calls are made there, one after the other. Live: a `ThreadLane`. In a replay:
  /// a `DirectLane`.
  package var makeLane: @Sendable (String) throws -> any Lane
  package var watchdog: any Watchdog
  /// How long one call into a plugin may take.
  package var callLimit: Duration
  /// Users, beside root, whose files are believed: the one who runs reeve.
  package var owners: Set<UInt32>
  /// Reeve's version, for plugins.
  package var hostVersion: String
  /// Lines that plugins log, and what the host has to say about them.
  package var log: @Sendable (PluginLogLine) -> Void
  /// How host processes are made; nil: there are none here, and what is to run in a sandbox does not run.
  package var sandbox: SandboxSettings?
  /// Of shipped plugins that the team's lock does not name. The team's own run as their lock says.
  package var shippedIsolation: PluginManifest.Isolation
  /// Plugins that fell too often earlier.
  package var quarantined: [QuarantinedPlugin]
  /// Is told of those that do now.
  package var quarantine: @Sendable (QuarantinedPlugin) -> Void
  /// Is told how long things took, for who measures.
  package var observe: @Sendable (SandboxEvent) -> Void

  package init(
    makeLane: @escaping @Sendable (String) throws -> any Lane, watchdog: any Watchdog, callLimit: Duration,
    owners: Set<UInt32>, hostVersion: String, log: @escaping @Sendable (PluginLogLine) -> Void,
    sandbox: SandboxSettings? = nil, shippedIsolation: PluginManifest.Isolation = .inline,
    quarantined: [QuarantinedPlugin] = [], quarantine: @escaping @Sendable (QuarantinedPlugin) -> Void = { _ in },
    observe: @escaping @Sendable (SandboxEvent) -> Void = { _ in }
  ) {
    self.makeLane = makeLane
    self.watchdog = watchdog
    self.callLimit = callLimit
    self.owners = owners
    self.hostVersion = hostVersion
    self.log = log
    self.sandbox = sandbox
    self.shippedIsolation = shippedIsolation
    self.quarantined = quarantined
    self.quarantine = quarantine
    self.observe = observe
  }
}

/// Where plugins are looked for.
package struct PluginSources: Sendable {
  /// The folder of the shipped plugins, with its `shipped.lock`; trusted as the `reeve` binary beside it is.
  package var shipped: String?
  /// The team's `plugins.lock`; nil when there is none. One that is named and cannot be read loads nothing at all.
  package var lock: String?
  /// Folders of plugins, or of folders of them. What lies there is loaded only if the team's lock names it; what it
  /// does not name is reported.
  package var directories: [String]
  /// Keys of which one must have signed each of the team's plugins. Empty: signatures are not asked for.
  package var trustedKeys: [PublicKey]
  /// Plugins that their author tries out: loaded without a lock, before all others, of which those that they replace
  /// (the same id, or the same check) are left out.
  package var development: [DevelopmentPlugin]

  package init(
    shipped: String?, lock: String? = nil, directories: [String] = [], trustedKeys: [PublicKey] = [],
    development: [DevelopmentPlugin] = []
  ) {
    self.development = development
    self.shipped = shipped
    self.lock = lock
    self.directories = directories
    self.trustedKeys = trustedKeys
  }
}

/// A plugin as it comes from its author's build.
package struct DevelopmentPlugin: Sendable, Equatable {
  /// Where its library lies.
  package var directory: String
  /// Where its `plugin.json` lies.
  package var manifestDirectory: String
  package var isolation: PluginManifest.Isolation

  package init(
    directory: String, manifestDirectory: String,
    isolation: PluginManifest.Isolation = PluginLock.defaultIsolation
  ) {
    self.directory = directory
    self.manifestDirectory = manifestDirectory
    self.isolation = isolation
  }
}
