/// What `make install` puts beside the program, or a build folder's checkout has in its own place.
enum Installation {
  /// - Parameters:
  ///   - name: below `PREFIX/share/reeve`.
  ///   - source: below the checkout that this program was built in.
  static func file(_ name: String, _ source: String, _ context: Context) throws -> String {
    let installed = "\(context.executableDirectory)/../share/reeve/\(name)"
    if try context.files.exists(installed) { return try resolved(installed) }
    // .build/debug is a link to .build/TRIPLE/debug, and the program's own folder is the latter.
    for above in ["../../..", "../.."] {
      let candidate = "\(context.executableDirectory)/\(above)/\(source)"
      if try context.files.exists(candidate) { return try resolved(candidate) }
    }
    throw CommandFailure.failed(
      "\(name) is not installed: looked in \(context.executableDirectory)/../share/reeve; `make install` puts it there")
  }

  /// The folder of `reeve_plugin.h`.
  static func header(_ context: Context) throws -> String {
    let installed = "\(context.executableDirectory)/../include"
    if try context.files.exists("\(installed)/reeve_plugin.h") { return try resolved(installed) }
    return try file("include", "Sources/CReevePlugin/include", context)
  }

  /// Without `..`, for files that others will read.
  private static func resolved(_ path: String) throws -> String {
    var steps: [Substring] = []
    for step in path.split(separator: "/") where step != "." {
      if step == ".." { _ = steps.popLast() } else { steps.append(step) }
    }
    return "/" + steps.joined(separator: "/")
  }
}
