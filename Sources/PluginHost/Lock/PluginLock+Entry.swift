import Orchestrator

extension PluginLock {
  /// What to write into the lock for the plugin in a folder: it is granted all that its manifest wants. The library is
  /// looked at as it would be at loading, but not run.
  ///
  /// - Parameters:
  ///   - directory: The plugin's folder.
  ///   - path: The same folder as the lock is to name it: relative to the lock.
  ///   - owners: Users beside root whose files are believed.
  package static func entry(for directory: String, path: String, owners: Set<UInt32>) throws(PluginLoadErrors)
    -> Entry
  {
    let folder = PluginFolder(directory: directory, owners: owners)
    let (file, manifestDigest) = try folder.manifest()
    let sealed = try folder.library(file)
    try folder.inspect(sealed.bytes, file)
    return Entry(
      id: file.manifest.id, version: file.manifest.version, path: path,
      library: [LibraryInspection.platform: sealed.digest], manifest: manifestDigest,
      operations: file.manifest.operations, resourceTypes: file.touchedTypes, isolation: .inline)
  }
}
