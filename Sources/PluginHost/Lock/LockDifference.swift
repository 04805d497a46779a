import Orchestrator

/// How what would be locked differs from what is locked, for a person to approve.
package struct LockDifference: Sendable, Equatable {
  package var id: String
  /// What changed, a line each. Empty: nothing.
  package private(set) var lines: [String] = []
  /// Does it want to do more than it was granted?
  package private(set) var wantsMore = false

  package var isEmpty: Bool { lines.isEmpty }

  package init(from old: PluginLock.Entry?, to new: PluginLock.Entry) {
    id = new.id
    guard let old else {
      line("version", new.version)
      line("path", new.path)
      for (what, digests) in [("manifest", new.manifest), ("library", new.library)] {
        for (platform, digest) in digests.sorted(by: { $0.key < $1.key }) { line(what, "\(platform) \(digest)") }
      }
      grants("operations", [], new.operations, "may call")
      grants("types", [], new.resourceTypes, "works on")
      line("isolation", new.isolation.rawValue)
      return
    }
    change("version", old.version, new.version)
    change("path", old.path, new.path)
    change("manifest", old.manifest, new.manifest)
    change("library", old.library, new.library)
    grants("operations", old.operations, new.operations, "may call")
    grants("types", old.resourceTypes, new.resourceTypes, "works on")
    change("isolation", old.isolation.rawValue, new.isolation.rawValue)
  }

  package init(from old: PluginLock.Shipped?, to new: PluginLock.Shipped) {
    id = new.id
    if let old, old.operations == nil { line("operations", "from all that its manifest wants to the list below") }
    grants("operations", old?.operations ?? [], new.operations ?? [], "may call")
    if let old {
      change("isolation", old.isolation.rawValue, new.isolation.rawValue)
    } else {
      line("isolation", new.isolation.rawValue)
    }
  }

  /// For `--locked`, the plugin as it is cannot be read at all.
  package init(id: String, unreadable errors: PluginLoadErrors) {
    self.id = id
    lines = errors.errors.map(\.description)
  }

  private mutating func line(_ what: String, _ text: String) {
    lines.append(what + String(repeating: " ", count: max(1, 11 - what.count)) + text)
  }

  private mutating func change(_ what: String, _ old: String, _ new: String, prefix: String = "") {
    guard old != new else { return }
    line(what, "\(prefix)\(old)")
    line("", "\(String(repeating: " ", count: max(0, prefix.count - 2)))→ \(new)")
  }

  private mutating func change(_ what: String, _ old: [String: String], _ new: [String: String]) {
    for platform in Set(old.keys).union(new.keys).sorted() {
      change(
        what, old[platform] ?? "not locked", new[platform] ?? "no longer locked: lock it there too",
        prefix: "\(platform) ")
    }
  }

  private mutating func grants(_ what: String, _ old: [String], _ new: [String], _ verb: String) {
    let added = new.filter { !old.contains($0) }.sorted()
    let removed = old.filter { !new.contains($0) }.sorted()
    if !added.isEmpty {
      wantsMore = true
      line(what, "+ \(verb) \(added.joined(separator: ", "))")
    }
    if !removed.isEmpty { line(what, "- no longer \(removed.joined(separator: ", "))") }
  }
}
