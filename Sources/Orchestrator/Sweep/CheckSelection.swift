import Governance

/// What follows from the selected checks: which plugins run, what must be discovered, what a session may call.
struct CheckSelection: Sendable {
  struct Evaluation: Sendable {
    var plugin: String
    var checks: [PluginManifest.Check]
    var resourceTypes: Set<String>
  }

  let evaluations: [Evaluation]
  let discoveries: [PluginManifest]
  /// By resource type, sorted.
  let wanted: [String: [String]]
  let wantedList: [(resourceType: String, attribute: String)]
  /// What a sweep learns of each type: what is wanted, and what discovery emits anyway.
  let learned: [String: [String]]
  /// Checks of which nothing can be discovered: they would pass for ever without having looked.
  let undiscovered: [String]
  let readActions: [String]

  /// - Parameter inventory: what is to be discovered although no check reads it, by resource type.
  init(checks: [String], manifests: [PluginManifest], inventory: [String: [String]] = [:]) throws(SweepError) {
    let known = manifests.flatMap { $0.checks.map(\.id) }
    let unknown = checks.filter { !known.contains($0) }
    guard unknown.isEmpty else { throw .unknownChecks(unknown, known: known) }
    var evaluations: [Evaluation] = []
    var wanted = inventory.mapValues { Set($0) }
    for manifest in manifests {
      let selected = manifest.checks.filter { checks.contains($0.id) }
      guard !selected.isEmpty else { continue }
      evaluations.append(
        Evaluation(plugin: manifest.id, checks: selected, resourceTypes: Set(selected.flatMap(\.resourceTypes))))
      for check in selected {
        for type in check.resourceTypes { wanted[type, default: []].formUnion(check.attributes) }
      }
    }
    self.evaluations = evaluations
    self.wanted = wanted.mapValues { $0.sorted() }
    wantedList = self.wanted.sorted { $0.key < $1.key }.flatMap { type, attributes in
      attributes.map { (type, $0) }
    }
    discoveries = manifests.filter { manifest in
      manifest.kinds.contains(.discovery) && manifest.resourceTypes.contains { wanted[$0] != nil }
    }
    let discovered = Set(discoveries.flatMap(\.resourceTypes))
    undiscovered = evaluations.flatMap { evaluation in
      evaluation.checks.flatMap { check in
        check.resourceTypes.filter { !discovered.contains($0) }.map {
          "check \(check.id): no loaded plugin discovers \($0)"
        }
      }
    }
    for manifest in discoveries {
      for (type, attributes) in manifest.attributes where wanted[type] != nil {
        let onDemand = manifest.onDemandAttributes[type] ?? []
        wanted[type, default: []].formUnion(attributes.filter { !onDemand.contains($0) })
      }
    }
    learned = wanted.mapValues { $0.sorted() }
    readActions = Set(discoveries.flatMap(\.operations) + ["ec2:DescribeRegions"]).sorted()
  }

  var plugins: [String] { Set(evaluations.map(\.plugin) + discoveries.map(\.id)).sorted() }

  func severity(of check: String) -> Severity {
    for evaluation in evaluations {
      if let found = evaluation.checks.first(where: { $0.id == check }) { return found.severity }
    }
    return .info
  }
}
