import Governance
import Orchestrator

/// One loaded plugin, wherever it runs. In this process: `InlineEndpoint`. A process of its own fits behind it as well.
protocol PluginEndpoint: Sendable {
  var manifest: PluginManifest { get }

  func makeInstance(configuration: Document, organization: OrganizationBatch, now: Timestamp)
    async throws(PluginFailure) -> any PluginInstance
}

/// An instance of a plugin. Whatever the plugin hands over has been checked when it comes out here.
protocol PluginInstance: Sendable {
  func beginDiscovery(in setting: DiscoverySetting, now: Timestamp) async throws(PluginFailure) -> any DiscoveryRun

  func evaluate(checks: [String], resources: [Resource], now: Timestamp) async throws(PluginFailure)
    -> [CheckedResource]

  func propose(resources: [Resource], now: Timestamp) async throws(PluginFailure) -> [TagOperation]

  func plan(resources: [Resource], findings: [PlannableFinding], now: Timestamp) async throws(PluginFailure)
    -> [Action]

  /// Ends what runs are left and releases the instance. Later calls fail.
  func close() async
}
