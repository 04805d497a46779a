import Governance

/// Holds a plan against what its plugins were granted. A plan file is text that anybody who can write it can make; its
/// digest only tells an accident. What it may do is bounded here, and again by the session policy.
struct PlanGrants {
  /// Operations that erase more than they are asked to, or cannot be taken back: never called, whoever plans them.
  static let refused: Set<String> = [
    "ec2:ResetImageAttribute", "ec2:ResetSnapshotAttribute", "ec2:DisableImage", "ec2:DeregisterImage",
    "ec2:DeleteSnapshot",
  ]

  private let manifests: [String: PluginManifest]

  init(_ manifests: [PluginManifest]) {
    self.manifests = Dictionary(manifests.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func problems(of plan: Plan) -> [String] {
    plan.actions.enumerated().flatMap { position, action in
      problems(of: action).map { "action \(position + 1), \(action.resource.id): \($0)" }
    }
  }

  private func problems(of action: Action) -> [String] {
    guard let manifest = manifests[action.plugin] else {
      return ["plugin \(action.plugin) is not loaded; only loaded plugins' actions are carried out"]
    }
    var problems: [String] = []
    for call in [action.call, action.undo].compactMap({ $0 }) {
      let operation = "\(call.service):\(call.operation)"
      if Self.refused.contains(operation) {
        problems.append("\(operation) is never called: it erases more than it was asked to, or cannot be taken back")
      } else if !manifest.operations.contains(operation) {
        problems.append(
          "\(operation) was not granted to \(manifest.id); it may call \(manifest.operations.joined(separator: ", "))")
      }
      if !Self.names(action.resource.id, call.parameters) {
        problems.append("\(operation) does not name the resource that it is planned for")
      }
    }
    for observation in [action.precondition, action.verification] where !Self.isRead(observation.call) {
      problems.append(
        "\(observation.call.service):\(observation.call.operation) is no read, and only reads may observe")
    }
    if !action.arn.hasSuffix("/\(action.resource.id)") || !action.arn.contains(":\(action.resource.region):") {
      problems.append("\(action.arn) is not the ARN of \(action.resource.id) in \(action.resource.region)")
    }
    return problems
  }

  private static func isRead(_ call: APICall) -> Bool {
    ["Describe", "Get", "List", "Lookup", "Search"].contains { call.operation.hasPrefix($0) }
  }

  private static func names(_ id: String, _ value: Document) -> Bool {
    value.string == id || value.elements.contains { names(id, $0) } || value.entries.contains { names(id, $0.value) }
  }
}
