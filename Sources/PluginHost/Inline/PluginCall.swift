import CReevePlugin
import Governance
import Orchestrator

/// One call into a plugin, for those who have to tell what became of it.
struct PluginCall {
  /// What the numbers are that a function returns.
  enum Returns { case status, run }

  var function: String
  var returns = Returns.status
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

  func notGranted(_ action: ActionIntake.NotGranted, _ manifest: PluginManifest) -> PluginFailure {
    failure(
      manifest, "OperationNotGranted",
      "planned \(action.operation), which is not among its operations "
        + "(\(manifest.operations.joined(separator: ", ")))", resource: action.resource)
  }

  /// What a function's return value means; nil: all is well.
  func failure(
    _ manifest: PluginManifest, returned: Int32, said: (status: reeve_status, resource: Int?, message: String)?
  ) -> PluginFailure? {
    let own: FailureReason.Kind?
    switch (returns, returned) {
    case (.status, REEVE_OK), (.run, REEVE_RUN_DONE), (.run, REEVE_RUN_MORE): return nil
    case (.run, REEVE_RUN_FAILED): own = .internal
    case (.run, _): own = nil
    case (.status, _): own = FailureReason.Kind(rawValue: returned)
    }
    guard let own else {
      return failure(manifest, "PluginBadData", "returned \(returned), which means nothing here")
    }
    let kind = said.flatMap { FailureReason.Kind(rawValue: $0.status) } ?? own
    let code =
      switch kind {
      case .cancelled: "PluginCancelled"
      case .configuration: "PluginConfiguration"
      default: PluginFailure.saidFailed
      }
    let reason = said.map { $0.message.isEmpty ? "gave no reason" : $0.message } ?? "gave no reason"
    return failure(manifest, code, "failed (\(kind)): \(reason)", resource: said?.resource)
  }
}
