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
