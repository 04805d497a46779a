import Determinism
import Governance
import PluginHost
import Synchronization

/// Who is in quarantine, and why: a file beside the ledger, so that it goes where the ledger goes. Not in the ledger
/// itself: plugins are loaded before a ledger is opened, also where there is none yet.
final class QuarantineFile: Sendable {
  struct Entry: Sendable, Equatable {
    var plugin: QuarantinedPlugin
    var since: Timestamp
  }

  let path: String
  private let context: Context
  /// Plugins fall on threads of their own.
  private let lock = Mutex(())

  init(ledger: String, _ context: Context) {
    path = "\(ledger).quarantine.json"
    self.context = context
  }

  /// Sorted by plugin. Empty when there is no file.
  func read() throws -> [Entry] {
    guard let bytes = try context.files.contents(of: path) else { return [] }
    let document: Document
    do throws(DocumentError) { document = try Document(json: bytes) } catch { throw broken(error.reason) }
    guard document["version"]?.int == 1, let plugins = document["plugins"] else {
      throw broken("expected {\"version\": 1, \"plugins\": […]}")
    }
    return try plugins.elements.map { element in
      guard let id = element["id"]?.string, let version = element["version"]?.string,
        let library = element["library"]?.string, let reason = element["reason"]?.string,
        let since = element["since"]?.string.flatMap(Timestamp.init(iso8601:))
      else { throw broken("an entry without id, version, library, reason or since") }
      return Entry(
        plugin: QuarantinedPlugin(plugin: id, version: version, library: library, reason: reason), since: since)
    }
  }

  /// In the place of an earlier entry of the same plugin.
  func add(_ plugin: QuarantinedPlugin) throws {
    try lock.withLock { _ in
      let others = try read().filter { $0.plugin.plugin != plugin.plugin }
      try write(others + [Entry(plugin: plugin, since: context.clock.now)])
    }
  }

  /// Was it there?
  func remove(_ id: String) throws -> Bool {
    try lock.withLock { _ in
      let all = try read()
      let others = all.filter { $0.plugin.plugin != id }
      guard others.count < all.count else { return false }
      try write(others)
      return true
    }
  }

  private func write(_ entries: [Entry]) throws {
    let plugins = entries.sorted { $0.plugin.plugin < $1.plugin.plugin }.map { entry in
      Document(entries: [
        ("id", Document(entry.plugin.plugin)), ("version", Document(entry.plugin.version)),
        ("library", Document(entry.plugin.library)), ("reason", Document(entry.plugin.reason)),
        ("since", Document(entry.since.iso8601)),
      ])
    }
    let document = Document(entries: [("version", 1), ("plugins", Document(plugins))])
    try context.files.replace(path, with: Array((document.prettyJSON + "\n").utf8), mode: 0o644)
  }

  private func broken(_ what: String) -> CommandFailure {
    .failed("\(path): says nothing that can be read (\(what)); remove it to let every plugin try again")
  }
}
