import Orchestrator

/// Loads one plugin, in this order: manifest, lock, the file once, custody, hash, a look without running it, the loader,
/// the descriptor against the manifest. Nothing of the plugin runs before its bytes are known to be the locked ones.
struct PluginLoader {
  /// What a lock says of a plugin.
  enum Locked {
    case shipped(ShippedLock, folder: String, grants: PluginLock?)
    case team(PluginLock.Entry)
    case development(DevelopmentPlugin)
  }

  let environment: PluginEnvironment
  /// Where the locks are, for messages.
  let lockPath: String
  let signatures: SignatureCheck

  func load(_ directory: String, _ locked: Locked) throws(PluginLoadErrors) -> any PluginEndpoint {
    var folder = PluginFolder(directory: directory, owners: environment.owners)
    if case .team(let entry) = locked { folder.id = entry.id }
    if case .development(let plugin) = locked {
      folder = PluginFolder(
        directory: directory, owners: environment.owners, manifestDirectory: plugin.manifestDirectory)
    }
    var (file, manifestDigest) = try folder.manifest()
    if case .team = locked {} else { folder.id = file.manifest.id }
    try check(file, manifestDigest, locked, folder)
    if case .shipped = locked {} else { file.manifest.isShipped = false }
    file.manifest.isolation = isolation(file, locked)
    let sealed = try folder.library(file)
    try check(sealed.digest, file, locked, folder)
    if case .team = locked {
      try signatures.check(file.statement(manifest: manifestDigest, library: sealed.digest), in: folder)
    }
    try folder.inspect(sealed.bytes, file)
    if file.manifest.isolation == .sandbox { return try sandboxed(sealed, file, folder) }
    let library = try enter(sealed, file, folder)
    let descriptor: PluginDescriptor
    do throws(PluginDescriptor.Mismatch) {
      descriptor = try PluginDescriptor(of: library)
    } catch {
      throw PluginLoadErrors(self.error(error, file, folder))
    }
    try check(descriptor, file, folder)
    return try endpoint(file.manifest, library, descriptor, folder)
  }

  private func check(_ descriptor: PluginDescriptor, _ file: ManifestFile, _ folder: PluginFolder)
    throws(PluginLoadErrors)
  {
    let mismatches = descriptor.mismatches(with: file.manifest)
    guard mismatches.isEmpty else { throw PluginLoadErrors(mismatches.map { error($0, file, folder) }) }
  }

  // MARK: The lock

  private func check(
    _ file: ManifestFile, _ digest: String, _ locked: Locked, _ folder: PluginFolder
  ) throws(PluginLoadErrors) {
    let manifest = file.manifest
    switch locked {
    case .shipped(let lock, let name, let grants):
      try compare(
        .manifestHash, "plugin.json", digest, with: lock.digests["\(name)/\(PluginFolder.manifestName)"], folder)
      if let operations = grants?.shipped.first(where: { $0.id == manifest.id })?.operations {
        try check(wanted: manifest.operations, granted: operations, "operations", file, folder)
      }
    case .team(let entry):
      guard entry.id == manifest.id, entry.version == manifest.version else {
        throw failure(
          .lockIdentity, folder, "the lock is for another plugin or version",
          expected: "\(entry.id) \(entry.version)", found: "\(manifest.id) \(manifest.version)",
          remedy: "If the change is meant, lock it again: reeve plugin lock --update \(entry.id).")
      }
      // What it wants more than it was granted says more than that its manifest has changed.
      try check(wanted: manifest.operations, granted: entry.operations, "operations", file, folder)
      try check(wanted: file.touchedTypes, granted: entry.resourceTypes, "resourceTypes", file, folder)
      try compare(
        .manifestHash, "plugin.json", digest, with: try onThisPlatform(entry.manifest, "manifest", folder), folder)
    case .development: break
    }
  }

  private func check(
    _ digest: String, _ file: ManifestFile, _ locked: Locked, _ folder: PluginFolder
  ) throws(PluginLoadErrors) {
    switch locked {
    case .shipped(let lock, let name, _):
      try compare(.libraryHash, file.library, digest, with: lock.digests["\(name)/\(file.library)"], folder)
    case .team(let entry):
      try compare(
        .libraryHash, file.library, digest, with: try onThisPlatform(entry.library, "library", folder), folder)
    case .development: break
    }
  }

  private func onThisPlatform(_ digests: [String: String], _ what: String, _ folder: PluginFolder)
    throws(PluginLoadErrors) -> String
  {
    guard let locked = digests[LibraryInspection.platform] else {
      throw failure(
        .platformNotLocked, folder, "the lock has no hash of its \(what) for this platform",
        expected: LibraryInspection.platform, found: digests.keys.sorted().joined(separator: ", "),
        remedy: "Lock it on this platform too: reeve plugin lock FOLDER.")
    }
    return locked
  }

  private func compare(
    _ code: PluginLoadError.Code, _ name: String, _ digest: String, with locked: String?, _ folder: PluginFolder
  ) throws(PluginLoadErrors) {
    guard let locked else {
      throw failure(
        .notLocked, folder, "\(name) is not in the lock", found: "SHA-256 \(digest)",
        remedy: "Only the files of a build are in shipped.lock; lock a plugin of your own in plugins.lock.")
    }
    guard digest == locked else {
      throw failure(
        code, folder, "\(name) is not the one that was locked", expected: "SHA-256 \(locked)",
        found: digest,
        remedy: "If the change is meant, lock it again; if not, find out who changed \(folder.path(name)).")
    }
  }

  private func check(
    wanted: [String], granted: [String], _ member: String, _ file: ManifestFile, _ folder: PluginFolder
  ) throws(PluginLoadErrors) {
    let more = wanted.filter { !granted.contains($0) }.sorted()
    guard more.isEmpty else {
      throw failure(
        .grantExceeded, folder, "wants more than it was granted: \(more.joined(separator: ", "))",
        expected: granted.isEmpty ? "nothing" : granted.sorted().joined(separator: ", "),
        found: wanted.sorted().joined(separator: ", "),
        remedy: "A plugin runs with all that it wants, or not at all. To grant it, run: reeve plugin lock --update "
          + "\(file.manifest.id), or add \(more.quoted) to "
          + "\"\(member)\" of \(file.manifest.id) in \(lockPath).")
    }
  }

  private func isolation(_ file: ManifestFile, _ locked: Locked) -> PluginManifest.Isolation {
    switch locked {
    case .team(let entry): entry.isolation
    case .development(let plugin): plugin.isolation
    case .shipped(_, _, let grants):
      grants?.shipped.first { $0.id == file.manifest.id }?.isolation ?? environment.shippedIsolation
    }
  }

  // MARK: The sandbox

  private func sandboxed(_ sealed: consuming SealedLibrary, _ file: ManifestFile, _ folder: PluginFolder)
    throws(PluginLoadErrors) -> any PluginEndpoint
  {
    let settings = try sandbox(folder)
    if let quarantined = environment.quarantined.first(where: { $0.library == sealed.digest }) {
      return QuarantinedEndpoint(manifest: file.manifest, quarantined)
    }
    let plugin = SandboxedPlugin(
      manifest: file.manifest, library: sealed, settings: settings, environment: environment)
    let path = folder.path(file.library)
    func error(_ code: PluginLoadError.Code, _ message: String, _ remedy: String) -> PluginLoadErrors {
      PluginLoadErrors(
        PluginLoadError(code, plugin: file.manifest.id, path: path, message: message, remedy: remedy))
    }
    switch plugin.introduce() {
    case .plugin(let process, let descriptor):
      try check(descriptor, file, folder)
      do {
        return try SandboxEndpoint(plugin, descriptor, first: process)
      } catch let failure {
        throw self.failure(
          .loaderRefused, folder, "its calls have no place to run: \(failure)", remedy: "Try again.")
      }
    case .malformed(let mismatch): throw PluginLoadErrors(self.error(mismatch, file, folder))
    case .declined:
      throw error(
        .declined, "says that it cannot work with this reeve (\(environment.hostVersion), ABI 1.0)",
        "Ask its author which reeve it needs.")
    case .refused(let reason):
      throw error(
        .loaderRefused, "cannot be loaded: \(reason)",
        "Build it with the toolchain and the libraries of this machine.")
    case .ended(let ending):
      throw error(
        .diedLoading, "\(ending.message(memoryLimit: settings.memoryLimit)), while it was loaded",
        "Take what its library does before it is called out of it: constructors, and work in its entry.")
    }
  }

  private func sandbox(_ folder: PluginFolder) throws(PluginLoadErrors) -> SandboxSettings {
    guard let settings = environment.sandbox else {
      throw failure(
        .isolationUnavailable, folder, "is to run in a sandbox, and reeve-plugin-host does not lie beside reeve",
        expected: "reeve-plugin-host", found: "no such file",
        remedy: "Install reeve again, or trust the plugin with reeve's own process: \"isolation\": \"inline\" in "
          + "\(lockPath).")
    }
    if let degradation = settings.degradation, !settings.allowsDegraded {
      throw failure(
        .isolationUnavailable, folder, "is to run in a sandbox, and there is no whole one here: \(degradation)",
        expected: SandboxSettings.Layer.allCases.map(\.rawValue).joined(separator: " and "),
        found: settings.offered.isEmpty ? "neither" : settings.offered.map(\.rawValue).sorted().joined(separator: ", "),
        remedy: "Use a kernel that offers it, or accept less in the configuration: plugins.degradedSandbox: allow.")
    }
    return settings
  }

  // MARK: The library

  private func enter(_ sealed: consuming SealedLibrary, _ file: ManifestFile, _ folder: PluginFolder)
    throws(PluginLoadErrors) -> LoadedLibrary
  {
    let token = environment.watchdog.callBegan(
      WatchedCall(
        plugin: file.manifest.id, version: file.manifest.version, function: "loading", detail: file.library,
        limit: environment.callLimit))
    defer { environment.watchdog.callEnded(token) }
    do throws(LoadedLibrary.Failure) {
      return try LoadedLibrary.load(sealed, hostVersion: environment.hostVersion)
    } catch {
      throw PluginLoadErrors(
        PluginLoadError(
          error.code, plugin: file.manifest.id, path: folder.path(file.library), message: error.message,
          remedy: error.remedy))
    }
  }

  private func endpoint(
    _ manifest: PluginManifest, _ library: LoadedLibrary, _ descriptor: PluginDescriptor, _ folder: PluginFolder
  ) throws(PluginLoadErrors) -> InlineEndpoint {
    do {
      return try InlineEndpoint(
        manifest: manifest, library: library, descriptor: descriptor, environment: environment)
    } catch {
      throw failure(.loaderRefused, folder, "its calls have no place to run: \(error)", remedy: "Try again.")
    }
  }

  private func error(_ mismatch: PluginDescriptor.Mismatch, _ file: ManifestFile, _ folder: PluginFolder)
    -> PluginLoadError
  {
    PluginLoadError(
      mismatch.code, plugin: file.manifest.id, path: folder.path(file.library), message: mismatch.message,
      expected: mismatch.expected, found: mismatch.found, remedy: mismatch.remedy)
  }

  private func failure(
    _ code: PluginLoadError.Code, _ folder: PluginFolder, _ message: String, expected: String = "",
    found: String = "", remedy: String
  ) -> PluginLoadErrors {
    PluginLoadErrors(
      PluginLoadError(
        code, plugin: folder.id, path: folder.directory, message: message, expected: expected, found: found,
        remedy: remedy))
  }
}
