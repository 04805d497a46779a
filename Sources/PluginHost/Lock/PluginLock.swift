import Governance
package import Orchestrator

/// `plugins.lock`: the team's plugins, byte for byte, and what each may do. Under version control; nothing is loaded
/// that is not in it (or shipped with Reeve).
package struct PluginLock: Sendable, Equatable {
  package struct Entry: Sendable, Equatable {
    package var id: String
    package var version: String
    /// The plugin's folder, relative to the lock.
    package var path: String
    /// SHA-256 of the library, by platform (`linux-x86_64`).
    package var library: [String: String]
    /// SHA-256 of `plugin.json`, by platform: it names the library, which may be called otherwise elsewhere.
    package var manifest: [String: String]
    /// Granted AWS operations.
    package var operations: [String]
    /// Granted resource types.
    package var resourceTypes: [String]
    package var isolation: PluginManifest.Isolation

    package init(
      id: String, version: String, path: String, library: [String: String], manifest: [String: String],
      operations: [String],
      resourceTypes: [String], isolation: PluginManifest.Isolation
    ) {
      self.id = id
      self.version = version
      self.path = path
      self.library = library
      self.manifest = manifest
      self.operations = operations
      self.resourceTypes = resourceTypes
      self.isolation = isolation
    }
  }

  /// What the team grants a shipped plugin, where that is less than its manifest wants, and how it is isolated.
  package struct Shipped: Sendable, Equatable {
    package var id: String
    /// nil: what its manifest wants.
    package var operations: [String]?
    package var isolation: PluginManifest.Isolation

    package init(id: String, operations: [String]? = nil, isolation: PluginManifest.Isolation = .inline) {
      self.id = id
      self.operations = operations
      self.isolation = isolation
    }
  }

  /// Of a plugin that is locked for the first time.
  package static let defaultIsolation = PluginManifest.Isolation.sandbox

  package var plugins: [Entry]
  package var shipped: [Shipped]

  package init(plugins: [Entry] = [], shipped: [Shipped] = []) {
    self.plugins = plugins
    self.shipped = shipped
  }

  /// With this entry in the place of one of the same id.
  package func replacing(_ entry: Entry) -> PluginLock {
    var lock = self
    lock.plugins.removeAll { $0.id == entry.id }
    lock.plugins.append(entry)
    return lock
  }

  package func replacing(_ entry: Shipped) -> PluginLock {
    var lock = self
    lock.shipped.removeAll { $0.id == entry.id }
    lock.shipped.append(entry)
    return lock
  }

  /// The file: the same lock always gives the same bytes.
  package var json: String {
    Document(entries: [
      ("version", 1),
      ("plugins", Document(plugins.sorted { $0.id < $1.id }.map(Self.document))),
      (
        "shipped",
        shipped.isEmpty ? nil : Document(shipped.sorted { $0.id < $1.id }.map(Self.document))
      ),
    ]).prettyJSON + "\n"
  }

  private static func document(_ entry: Entry) -> Document {
    Document(entries: [
      ("id", Document(entry.id)), ("version", Document(entry.version)), ("path", Document(entry.path)),
      ("library", document(entry.library)), ("manifest", document(entry.manifest)),
      ("operations", Document(strings: entry.operations.sorted())),
      ("resourceTypes", Document(strings: entry.resourceTypes.sorted())),
      ("isolation", Document(entry.isolation.rawValue)),
    ])
  }

  private static func document(_ digests: [String: String]) -> Document {
    Document(entries: digests.sorted { $0.key < $1.key }.map { ($0.key, Document($0.value)) })
  }

  private static func document(_ shipped: Shipped) -> Document {
    Document(entries: [
      ("id", Document(shipped.id)), ("operations", shipped.operations.map { Document(strings: $0.sorted()) }),
      ("isolation", Document(shipped.isolation.rawValue)),
    ])
  }
}
