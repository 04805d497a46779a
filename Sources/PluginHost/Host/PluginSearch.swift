import Dispatch
import FoundationEssentials
import Governance
import Orchestrator
import Synchronization

/// Finds the plugins of all sources and loads those that are locked.
struct PluginSearch {
  let environment: PluginEnvironment
  private var trustedKeys: [PublicKey] = []
  /// Ids of the plugins under development.
  private var developed: Set<String> = []
  private(set) var endpoints: [any PluginEndpoint] = []
  private(set) var errors: [PluginLoadError] = []

  init(environment: PluginEnvironment) { self.environment = environment }

  private static let lockLimit = 16 << 20

  mutating func load(_ sources: PluginSources) {
    trustedKeys = sources.trustedKeys
    load(sources.development.map { ($0.directory, .development($0)) }, lockPath: "plugins.lock")
    developed = Set(endpoints.map(\.manifest.id))
    var lock: PluginLock?
    if let path = sources.lock {
      lock = teamLock(path)
      // A lock that cannot be read may have restricted the shipped plugins too.
      guard lock != nil else { return }
    }
    if let shipped = sources.shipped {
      loadShipped(shipped, grants: lock, lockPath: sources.lock ?? "plugins.lock")
      reportStrangers(in: lock?.shipped ?? [], lockPath: sources.lock ?? "plugins.lock")
    }
    var locked: Set<String> = []
    if let path = sources.lock, let lock {
      let base = parent(of: path)
      let places = lock.plugins.map { (directory: base + "/" + $0.path, locked: PluginLoader.Locked.team($0)) }
      for place in places { locked.insert(resolved(place.directory)) }
      load(places, lockPath: path)
    }
    for directory in sources.directories { reportUnlocked(in: directory, locked, lockPath: sources.lock) }
  }

  private mutating func teamLock(_ path: String) -> PluginLock? {
    guard let bytes = contents(of: path) else { return nil }
    do throws(JSONProblems) {
      return try PluginLock(json: bytes)
    } catch {
      for problem in error.problems {
        errors.append(
          PluginLoadError(
            .lockUnusable, plugin: "all", path: path, message: problem.description,
            remedy: "Correct it, or write it anew: reeve plugin lock."))
      }
      return nil
    }
  }

  private mutating func loadShipped(_ directory: String, grants: PluginLock?, lockPath: String) {
    let path = directory + "/" + ShippedLock.name
    guard let bytes = contents(of: path) else { return }
    do throws(ShippedLock.Problem) {
      let lock = try ShippedLock(text: String(decoding: bytes, as: UTF8.self))
      load(
        lock.folders.map { (directory + "/" + $0, .shipped(lock, folder: $0, grants: grants)) }, lockPath: lockPath)
      for folder in pluginFolders(in: directory) where !lock.folders.contains(folder) {
        unlocked(directory + "/" + folder, lockPath: path)
      }
    } catch {
      errors.append(
        PluginLoadError(
          .lockUnusable, plugin: "all shipped", path: "\(path):\(error.line)", message: error.message,
          remedy: "Build the plugins again: make build."))
    }
  }

  /// A restriction of a plugin that does not exist would be believed in.
  private mutating func reportStrangers(in shipped: [PluginLock.Shipped], lockPath: String) {
    let known = endpoints.map(\.manifest.id)
    for entry in shipped where !known.contains(entry.id) && !errors.contains(where: { $0.plugin == entry.id }) {
      errors.append(
        PluginLoadError(
          .lockUnusable, plugin: entry.id, path: lockPath,
          message: "the lock restricts a shipped plugin that does not exist; "
            + SourceReader.suggestion(for: entry.id, among: known), remedy: "Correct the id under \"shipped\"."))
    }
  }

  /// Loads several at the same time, as most of it is waiting for host processes to be ready; takes them in their order.
  private mutating func load(_ places: [(directory: String, locked: PluginLoader.Locked)], lockPath: String) {
    let loader = PluginLoader(
      environment: environment, lockPath: lockPath, signatures: SignatureCheck(trusted: trustedKeys))
    let loaded = Mutex<[Int: Result<any PluginEndpoint, PluginLoadErrors>]>([:])
    DispatchQueue.concurrentPerform(iterations: places.count) { index in
      let result = Result { () throws(PluginLoadErrors) in
        try loader.load(places[index].directory, places[index].locked)
      }
      loaded.withLock { $0[index] = result }
    }
    let results = loaded.withLock { $0 }
    for index in places.indices {
      do throws(PluginLoadErrors) {
        guard let endpoint = try results[index]?.get(), !isReplaced(endpoint.manifest) else { continue }
        try admit(endpoint, places[index].directory)
        endpoints.append(endpoint)
      } catch {
        errors += error.errors
      }
    }
  }

  /// Does a plugin under development stand in this one's place?
  private func isReplaced(_ manifest: PluginManifest) -> Bool {
    endpoints.contains { other in
      developed.contains(other.manifest.id)
        && (other.manifest.id == manifest.id
          || manifest.checks.contains { check in other.manifest.checks.contains { $0.id == check.id } })
    }
  }

  /// Ids of plugins and of checks are unique: who came first stays. Shipped plugins come first.
  private func admit(_ endpoint: any PluginEndpoint, _ directory: String) throws(PluginLoadErrors) {
    let manifest = endpoint.manifest
    if endpoints.contains(where: { $0.manifest.id == manifest.id }) {
      throw PluginLoadErrors(
        PluginLoadError(
          .duplicatePlugin, plugin: manifest.id, path: directory, message: "another plugin of this id is loaded",
          remedy: "Give one of them another id in plugin.json and library, or take it out of the lock."))
    }
    for other in endpoints {
      let ids = Set(other.manifest.checks.map(\.id))
      let common = manifest.checks.map(\.id).filter(ids.contains)
      guard common.isEmpty else {
        throw PluginLoadErrors(
          PluginLoadError(
            .duplicateCheck, plugin: manifest.id, path: directory,
            message: "\(other.manifest.id) has the check \(common.joined(separator: ", ")) already",
            remedy: "Give the check another id in plugin.json and library."))
      }
    }
  }

  // MARK: Files

  private mutating func contents(of path: String) -> [UInt8]? {
    let directory = parent(of: path)
    let name = String(path.split(separator: "/").last ?? "")
    do throws(TrustedFile.Failure) {
      return try TrustedFile(directory: directory, name: name, owners: environment.owners)
        .contents(limit: Self.lockLimit)
    } catch {
      errors.append(
        PluginLoadError(
          .lockUnusable, plugin: "all in \(directory)", path: path,
          message: "the lock cannot be used: \(error.message)",
          expected: error.expected, found: error.found,
          remedy: error.code == .fileMissing
            ? "Restore it; or, if nothing was ever locked, write it: reeve plugin lock FOLDER." : error.remedy))
      return nil
    }
  }

  private mutating func reportUnlocked(in directory: String, _ locked: Set<String>, lockPath: String?) {
    let isPlugin = FileManager.default.fileExists(atPath: directory + "/" + PluginFolder.manifestName)
    let folders = isPlugin ? [directory] : pluginFolders(in: directory).map { directory + "/" + $0 }
    for folder in folders where !locked.contains(resolved(folder)) {
      unlocked(folder, lockPath: lockPath ?? "plugins.lock")
    }
  }

  private mutating func unlocked(_ folder: String, lockPath: String) {
    errors.append(
      PluginLoadError(
        .notLocked, plugin: PluginFolder(directory: folder, owners: environment.owners).id, path: folder,
        message: "is not in the lock \(lockPath)", remedy: "To trust it as it is now: reeve plugin lock \(folder)."))
  }

  /// Names of the folders that hold a manifest, sorted.
  private mutating func pluginFolders(in directory: String) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: directory).sorted().filter {
        FileManager.default.fileExists(atPath: "\(directory)/\($0)/\(PluginFolder.manifestName)")
      }
    } catch {
      errors.append(
        PluginLoadError(
          .fileUnreadable, plugin: "all in \(directory)", path: directory, message: "the folder cannot be listed",
          remedy: "Check that it is there and can be read."))
      return []
    }
  }

  private func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private func resolved(_ path: String) -> String { TrustedFile.resolved(path: path) ?? path }
}
