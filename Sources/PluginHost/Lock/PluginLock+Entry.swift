import Governance
package import Orchestrator

extension PluginLock {
  /// What to write into the lock for the plugin in a folder: it is granted all that its manifest wants. The library is
  /// looked at as it would be at loading, but not run.
  ///
  /// - Parameters:
  ///   - directory: The plugin's folder.
  ///   - path: The same folder as the lock is to name it: relative to the lock.
  ///   - owners: Users beside root whose files are believed.
  ///   - isolation: nil: as it was locked, or the default.
  package func entry(
    for directory: String, path: String, owners: Set<UInt32>, isolation: PluginManifest.Isolation? = nil
  ) throws(PluginLoadErrors) -> Entry {
    let folder = PluginFolder(directory: directory, owners: owners)
    let (file, manifestDigest) = try folder.manifest()
    let sealed = try folder.library(file)
    try folder.inspect(sealed.bytes, file)
    let old = plugins.first { $0.id == file.manifest.id }
    var library = [LibraryInspection.platform: sealed.digest]
    var manifest = [LibraryInspection.platform: manifestDigest]
    // What other platforms have of the same version stays locked.
    if let old, old.version == file.manifest.version {
      library.merge(old.library) { new, _ in new }
      manifest.merge(old.manifest) { new, _ in new }
    }
    return Entry(
      id: file.manifest.id, version: file.manifest.version, path: path, library: library, manifest: manifest,
      operations: file.manifest.operations, resourceTypes: file.touchedTypes,
      isolation: isolation ?? old?.isolation ?? Self.defaultIsolation)
  }

  /// What to write into the lock for a shipped plugin: grants and isolation only. nil: none has this id.
  package func entry(
    ofShipped id: String, in directory: String, owners: Set<UInt32>, isolation: PluginManifest.Isolation? = nil
  ) throws(PluginLoadErrors) -> Shipped? {
    guard let manifest = try Self.shippedManifests(in: directory, owners: owners).first(where: { $0.id == id })
    else { return nil }
    let old = shipped.first { $0.id == id }
    return Shipped(
      id: id, operations: manifest.operations, isolation: isolation ?? old?.isolation ?? .inline)
  }

  /// The manifests beside `shipped.lock`, sorted by id.
  package static func shippedManifests(in directory: String, owners: Set<UInt32>) throws(PluginLoadErrors)
    -> [PluginManifest]
  {
    let lock: ShippedLock
    let path = directory + "/" + ShippedLock.name
    do {
      let bytes = try TrustedFile(directory: directory, name: ShippedLock.name, owners: owners)
        .contents(limit: 16 << 20)
      lock = try ShippedLock(text: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw PluginLoadErrors(
        PluginLoadError(
          .lockUnusable, plugin: "all shipped", path: path, message: "cannot be read: \(error)",
          remedy: "Build the plugins again: make build."))
    }
    var manifests: [PluginManifest] = []
    for name in lock.folders {
      manifests.append(
        try PluginFolder(directory: directory + "/" + name, owners: owners).manifest().0.manifest)
    }
    return manifests.sorted { $0.id < $1.id }
  }
}
