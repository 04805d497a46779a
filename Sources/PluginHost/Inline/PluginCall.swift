import CReevePlugin
import Governance
import Orchestrator

/// One call into a plugin, for those who have to tell what became of it.
struct PluginCall {
  var function: String
  var now: Timestamp
  var cancellation: CancellationFlag
  var checks: [String] = []
  var resources: [Resource] = []
  var scope: Scope?

  /// `check image.public, 512 resources in 111122223333/eu-west-1`
  var detail: String {
    var parts: [String] = []
    if !checks.isEmpty { parts.append((checks.count == 1 ? "check " : "checks ") + checks.joined(separator: ", ")) }
    if let place = scope ?? resources.first?.scope {
      let count = resources.isEmpty ? "" : resources.count == 1 ? "1 resource in " : "\(resources.count) resources in "
      parts.append("\(count)\(place)")
    }
    return parts.joined(separator: ", ")
  }

  /// A failure that blames the plugin: version, function, checks, resource.
  func failure(_ manifest: PluginManifest, _ code: String, _ what: String, resource: Int? = nil) -> PluginFailure {
    var text = "version \(manifest.version) \(what); in \(function)"
    if !detail.isEmpty { text += " (\(detail))" }
    if let resource, resources.indices.contains(resource) { text += " on \(resources[resource].arn)" }
    return PluginFailure(plugin: manifest.id, code: code, message: text)
  }

  /// The failure that a call ended with of its own accord.
  func failure(
    _ manifest: PluginManifest, status: Int32, said: (status: reeve_status, resource: Int?, message: String)?
  ) -> PluginFailure {
    let kind = FailureReason.Kind(rawValue: said?.status ?? status)
    let code =
      switch kind {
      case .cancelled: "PluginCancelled"
      case .configuration: "PluginConfiguration"
      case nil where said == nil: "PluginBadData"
      default: PluginFailure.saidFailed
      }
    let reason = said.map { $0.message.isEmpty ? "gave no reason" : $0.message } ?? "gave no reason"
    let status = kind.map { "\($0)" } ?? "status \(said?.status ?? status), which is not known here"
    return failure(manifest, code, "failed (\(status)): \(reason)", resource: said?.resource)
  }
}
