import Governance
import Orchestrator

/// The instances of one sweep or plan.
final class HostSession: PluginSession {
  private let instances: [String: any PluginInstance]

  init(instances: [String: any PluginInstance]) { self.instances = instances }

  private func instance(of plugin: String) throws(PluginFailure) -> any PluginInstance {
    guard let instance = instances[plugin] else {
      throw PluginFailure(plugin: plugin, code: "PluginNotOpen", message: "has no instance in this session")
    }
    return instance
  }

  func beginDiscovery(plugin: String, in setting: DiscoverySetting, now: Timestamp) async throws(PluginFailure)
    -> any DiscoveryRun
  {
    try await instance(of: plugin).beginDiscovery(in: setting, now: now)
  }

  func evaluate(plugin: String, checks: [String], resources: [Resource], now: Timestamp) async throws(PluginFailure)
    -> [CheckedResource]
  {
    try await instance(of: plugin).evaluate(checks: checks, resources: resources, now: now)
  }

  func propose(plugin: String, resources: [Resource], now: Timestamp) async throws(PluginFailure) -> [TagOperation] {
    try await instance(of: plugin).propose(resources: resources, now: now)
  }

  func plan(plugin: String, resources: [Resource], findings: [PlannableFinding], now: Timestamp)
    async throws(PluginFailure) -> [Action]
  {
    try await instance(of: plugin).plan(resources: resources, findings: findings, now: now)
  }

  func close() async {
    for plugin in instances.keys.sorted() { await instances[plugin]?.close() }
  }
}
