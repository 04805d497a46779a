import Governance
import Orchestrator
import PluginHost

extension Command {
  static let pluginList = Command(
    path: ["plugin", "list"], summary: "list the loaded plugins, their checks and what they may call",
    options: [.init(name: "--config", value: "FILE", help: "the configuration that names the team's plugins")]
  ) { arguments, context in
    let host = try Plugins.load(try Settings.load(arguments, context), context, replaying: true)
    for manifest in host.manifests {
      let kinds = manifest.kinds.map(\.rawValue).joined(separator: ", ")
      let origin = manifest.isShipped ? "shipped" : "plugins.lock"
      context.output.write(
        "\(manifest.id) \(manifest.version)  \(kinds)  (\(origin), \(manifest.isolation.rawValue))\n")
      if !manifest.summary.isEmpty { context.output.write("  \(manifest.summary)\n") }
      for check in manifest.checks {
        context.output.write(
          "  check \(check.id.padded(to: 30)) \(check.severity.rawValue.padded(to: 8)) \(check.title)\n")
        for framework in check.frameworks {
          context.output.write("    \(framework.framework): \(framework.controls.joined(separator: ", "))\n")
        }
      }
      if !manifest.operations.isEmpty {
        context.output.write("  calls \(manifest.operations.joined(separator: ", "))\n")
      }
    }
    return host.errors.isEmpty ? .clean : .failed
  }

  static let pluginLock = Command(
    path: ["plugin", "lock"], summary: "write plugins.lock: the bytes of your plugins and what each may do",
    discussion: """
      Nothing is loaded that is not locked. Put plugins.lock beside reeve.yaml and under version control; a plugin that
      changed, or that wants more than was granted, is refused until it is locked again.
      """,
    options: [
      .init(name: "--lock", value: "FILE", help: "the lock. Default: plugins.lock"),
      .init(name: "--yes", help: "do not ask; for automation"),
    ], arguments: [.init(name: "FOLDER", help: "the plugin's folder: plugin.json and its library")]
  ) { arguments, context in
    let lockPath = arguments.value("--lock") ?? "plugins.lock"
    let folder = arguments.positional[0]
    var lock = PluginLock()
    if let bytes = try context.files.contents(of: lockPath) { lock = try PluginLock(json: bytes) }
    let path = try LockPath.relative(folder, to: lockPath, context)
    let entry = try PluginLock.entry(for: folder, path: path, owners: context.owners)
    let old = lock.plugins.first { $0.id == entry.id }
    if let old, old == entry {
      context.output.write("\(entry.id) \(entry.version) is locked as it is\n")
      return .clean
    }
    let added = entry.operations.filter { !(old?.operations.contains($0) ?? false) }
    context.output.write(
      "\(entry.id) \(old.map { "\($0.version) → " } ?? "")\(entry.version)\n"
        + "  library  \(entry.library.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))\n"
        + "  may call \(entry.operations.isEmpty ? "nothing" : entry.operations.joined(separator: ", "))\n"
        + (old != nil && !added.isEmpty ? "  new      \(added.joined(separator: ", "))\n" : ""))
    if !arguments.flag("--yes") {
      guard let answer = context.ask("lock it and grant this? [y/N] ") else {
        throw CommandFailure.usage("refusing to grant without a terminal to ask on; --yes says it is meant")
      }
      guard ["y", "yes"].contains(answer.lowercased()) else { throw CommandFailure.usage("nothing was changed") }
    }
    lock = lock.replacing(entry)
    try context.files.replace(lockPath, with: Array(lock.json.utf8), mode: 0o644)
    context.output.write("written to \(lockPath)\n")
    return .clean
  }
}

/// A plugin's folder as its lock names it: relative to the folder of the lock.
enum LockPath {
  static func relative(_ folder: String, to lock: String, _ context: Context) throws -> String {
    let base = try absolute(lock.split(separator: "/").count > 1 || lock.hasPrefix("/") ? parent(lock) : ".", context)
    let target = try absolute(folder, context)
    guard target.starts(with: base), target.count > base.count else {
      throw CommandFailure.usage(
        "\(folder) does not lie below the folder of \(lock); a lock names the plugins beside it, so that both can be moved "
          + "together: put the plugin there, or name a lock above it with --lock")
    }
    return target.dropFirst(base.count).joined(separator: "/")
  }

  private static func parent(_ path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  private static func absolute(_ path: String, _ context: Context) throws -> [String] {
    var steps: [String] = []
    let whole = path.hasPrefix("/") ? path : "\(context.workingDirectory)/\(path)"
    for step in whole.split(separator: "/") where step != "." {
      if step == ".." { _ = steps.popLast() } else { steps.append(String(step)) }
    }
    return steps
  }
}
