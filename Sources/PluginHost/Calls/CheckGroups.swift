import Governance
import Orchestrator

/// Checks of one plugin that work on the same types share a call; a check never sees a type that it does not name.
struct CheckGroups {
  let groups: [[PluginManifest.Check]]

  /// Throws for a check that the plugin does not have.
  init(of ids: [String], _ manifest: PluginManifest) throws(PluginFailure) {
    let unknown = ids.filter { id in !manifest.checks.contains { $0.id == id } }
    guard unknown.isEmpty else {
      throw PluginFailure(
        plugin: manifest.id, code: "UnknownCheck", message: "has no check \(unknown.joined(separator: ", "))")
    }
    var groups: [[PluginManifest.Check]] = []
    for check in manifest.checks where ids.contains(check.id) {
      if let group = groups.firstIndex(where: { Set($0[0].resourceTypes) == Set(check.resourceTypes) }) {
        groups[group].append(check)
      } else {
        groups.append([check])
      }
    }
    self.groups = groups
  }
}

/// Part of a batch, and where each of its resources stood in the whole.
struct BatchPart: Sendable {
  var resources: [Resource]
  var original: [Int]

  init(resources: [Resource], original: [Int]) {
    self.resources = resources
    self.original = original
  }

  /// The resources of certain types.
  init(of all: [Resource], types: [String]) {
    if all.allSatisfy({ types.contains($0.type) }) {
      self.init(resources: all, original: Array(all.indices))
    } else {
      let original = all.indices.filter { types.contains(all[$0].type) }
      self.init(resources: original.map { all[$0] }, original: original)
    }
  }

  subscript(range: Range<Int>) -> BatchPart {
    BatchPart(resources: Array(resources[range]), original: Array(original[range]))
  }

  func removing(at index: Int) -> BatchPart {
    var copy = self
    copy.resources.remove(at: index)
    copy.original.remove(at: index)
    return copy
  }
}
