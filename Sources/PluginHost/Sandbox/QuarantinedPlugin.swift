import Governance
import Orchestrator

/// A plugin that fell too often to be called again, until somebody resets it or its library changes.
package struct QuarantinedPlugin: Sendable, Equatable {
  package var plugin: String
  package var version: String
  /// SHA-256 of the library: another build of it begins anew.
  package var library: String
  package var reason: String

  package init(plugin: String, version: String, library: String, reason: String) {
    self.plugin = plugin
    self.version = version
    self.library = library
    self.reason = reason
  }
}

/// In the place of a quarantined plugin: it is known, and nothing of it runs. What it should have said is not evaluated.
struct QuarantinedEndpoint: PluginEndpoint {
  let manifest: PluginManifest
  private let failure: PluginFailure

  init(manifest: PluginManifest, _ quarantined: QuarantinedPlugin) {
    self.manifest = manifest
    failure = PluginFailure(
      plugin: manifest.id, code: Offences.code,
      message: "\(quarantined.reason); to try it again: reeve plugin reset \(manifest.id)")
  }

  func makeInstance(configuration: Document, organization: OrganizationBatch, now: Timestamp)
    async throws(PluginFailure) -> any PluginInstance
  {
    FallenInstance(failure: failure)
  }
}
