import AWSAccess
import Configuration
import Governance
import Orchestrator
import PluginHost

extension Command {
  static let pluginLock = Command(
    path: ["plugin", "lock"], summary: "write plugins.lock: the bytes of your plugins and what each may do",
    discussion: """
      Nothing is loaded that is not locked. Put plugins.lock beside reeve.yaml and under version control; a plugin that
      changed, or that wants more than was granted, is refused until it is locked again. With a FOLDER: locks the plugin
      there. With --update: locks again what the lock already names, or says what a shipped plugin may do. With neither:
      shows how everything in the lock differs from what is there, and asks. Exit status: 0 the lock is as it should be,
      2 it is not and nothing was written.
      """,
    options: [
      .init(name: "--lock", value: "FILE", help: "the lock. Default: what the configuration says, or plugins.lock"),
      .init(name: "--config", value: "FILE", help: "the configuration that names the lock"),
      .init(name: "--update", value: "ID", help: "lock this plugin again as it is now", repeats: true),
      .init(name: "--isolation", value: "LEVEL", help: "sandbox or inline, for the plugins that are locked now"),
      .init(
        name: "--locked", help: "for automation: change nothing; exit status 2 and the difference if anything would"),
      .init(name: "--yes", help: "do not ask; for automation that has shown the difference to somebody"),
    ],
    arguments: [.init(name: "FOLDER", help: "the plugin's folder: plugin.json and its library", isRequired: false)]
  ) { arguments, context in
    try LockCommand(arguments, context).run()
  }
}

private struct LockCommand {
  /// One plugin as it would be locked.
  private struct Change {
    var difference: LockDifference
    /// nil: it cannot be locked as it is.
    var apply: ((PluginLock) -> PluginLock)?
  }

  let arguments: Arguments
  let context: Context
  let lockPath: String
  let isolation: PluginManifest.Isolation?
  let lock: PluginLock

  init(_ arguments: Arguments, _ context: Context) throws {
    self.arguments = arguments
    self.context = context
    let configured = arguments.value("--config") == nil ? nil : try Settings.load(arguments, context)
    lockPath = arguments.value("--lock") ?? configured?.configuration.plugins.lock ?? "plugins.lock"
    isolation = try arguments.parsed("--isolation", expected: "sandbox or inline", PluginManifest.Isolation.init)
    if arguments.flag("--locked"), arguments.flag("--yes") {
      throw UsageError(problems: ["--locked changes nothing, so --yes has no meaning with it"], command: "plugin lock")
    }
    lock = try context.files.contents(of: lockPath).map { try PluginLock(json: $0) } ?? PluginLock()
  }

  func run() throws -> ExitStatus {
    let changes = try wanted().filter { !$0.difference.isEmpty }
    guard !changes.isEmpty else {
      context.output.write("\(lockPath): everything is locked as it is\n")
      return .clean
    }
    for change in changes { show(change) }
    let unusable = changes.filter { $0.apply == nil }.map(\.difference.id)
    guard unusable.isEmpty else {
      throw CommandFailure.usage("nothing was written: \(unusable.joined(separator: ", ")) cannot be locked as it is")
    }
    try checkSessionPolicy(changes)
    if arguments.flag("--locked") {
      throw CommandFailure.usage(
        "\(lockPath) is not up to date, and --locked changes nothing; to approve the difference above: reeve plugin lock "
          + (arguments.positional.first ?? changes.map { "--update \($0.difference.id)" }.joined(separator: " ")))
    }
    if !arguments.flag("--yes") {
      let grows = changes.contains { $0.difference.wantsMore }
      guard let answer = context.ask("lock this\(grows ? " and grant what is marked +" : "")? [y/N] ") else {
        throw CommandFailure.usage("refusing to grant without a terminal to ask on; --yes says it is meant")
      }
      guard ["y", "yes"].contains(answer.lowercased()) else { throw CommandFailure.usage("nothing was changed") }
    }
    let new = changes.reduce(lock) { lock, change in change.apply?(lock) ?? lock }
    try context.files.replace(lockPath, with: Array(new.json.utf8), mode: 0o644)
    context.output.write("written to \(lockPath)\n")
    return .clean
  }

  private func show(_ change: Change) {
    context.output.write("\(change.difference.id)\n")
    for line in change.difference.lines { context.output.write("  \(line)\n") }
  }

  // MARK: What is to be locked

  private func wanted() throws -> [Change] {
    let updates = arguments.values("--update")
    if let folder = arguments.positional.first {
      guard updates.isEmpty else {
        throw UsageError(problems: ["give either a FOLDER or --update ID"], command: "plugin lock")
      }
      let path = try LockPath.relative(folder, to: lockPath, context)
      return [change(try lock.entry(for: folder, path: path, owners: context.owners, isolation: isolation))]
    }
    if !updates.isEmpty { return try updates.map { try update($0) } }
    return try lock.plugins.map { relock($0) } + lock.shipped.map { try update($0.id) }
  }

  private func change(_ entry: PluginLock.Entry) -> Change {
    let old = lock.plugins.first { $0.id == entry.id }
    return Change(difference: LockDifference(from: old, to: entry)) { $0.replacing(entry) }
  }

  private func update(_ id: String) throws -> Change {
    if let old = lock.plugins.first(where: { $0.id == id }) { return relock(old) }
    let shipped = try Plugins.shippedDirectory(context)
    guard
      let entry = try lock.entry(ofShipped: id, in: shipped, owners: context.owners, isolation: isolation)
    else {
      let known =
        try lock.plugins.map(\.id)
        + PluginLock.shippedManifests(in: shipped, owners: context.owners).map(\.id)
      throw CommandFailure.usage(
        "--update \(id): neither in \(lockPath) nor shipped; \(SourceReader.suggestion(for: id, among: known))")
    }
    let old = lock.shipped.first { $0.id == id }
    return Change(difference: LockDifference(from: old, to: entry)) { $0.replacing(entry) }
  }

  private func relock(_ old: PluginLock.Entry) -> Change {
    let base = lockPath.lastIndex(of: "/").map { String(lockPath[..<$0]) } ?? "."
    do throws(PluginLoadErrors) {
      let entry = try lock.entry(
        for: "\(base.isEmpty ? "/" : base)/\(old.path)", path: old.path, owners: context.owners, isolation: isolation)
      guard entry.id == old.id else {
        return Change(
          difference: LockDifference(id: old.id, unreadable: .otherPlugin(entry, at: old.path)), apply: nil)
      }
      return change(entry)
    } catch {
      return Change(difference: LockDifference(id: old.id, unreadable: error), apply: nil)
    }
  }

  /// All that discovery may call goes into one session policy.
  private func checkSessionPolicy(_ changes: [Change]) throws {
    let new = changes.reduce(lock) { lock, change in change.apply?(lock) ?? lock }
    let shipped = try PluginLock.shippedManifests(in: try Plugins.shippedDirectory(context), owners: context.owners)
    let operations = Set(new.plugins.flatMap(\.operations) + shipped.flatMap(\.operations))
    do throws(FailureReason) {
      try LeastPrivilege(reads: operations.sorted(), plans: [], changedTypes: [], chain: []).checkSessionPolicies()
    } catch {
      throw CommandFailure.usage("nothing was written: \(error.message)")
    }
  }
}

extension PluginLoadErrors {
  fileprivate static func otherPlugin(_ entry: PluginLock.Entry, at path: String) -> PluginLoadErrors {
    PluginLoadErrors([
      PluginLoadError(
        .lockIdentity, plugin: entry.id, path: path, message: "another plugin lies there now", expected: "",
        found: "\(entry.id) \(entry.version)", remedy: "If that is meant, lock it: reeve plugin lock \(path).")
    ])
  }
}
