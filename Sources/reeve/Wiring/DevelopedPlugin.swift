import Governance
import Orchestrator
import PluginHost

/// A plugin that its author names on the command line: its folder, or the library in a build folder, whose plugin.json
/// lies beside it or in a folder above.
enum DevelopedPlugin {
  static let isolationOption = Command.Option(
    name: "--isolation", value: "LEVEL",
    help: "sandbox or inline. Default: \(PluginLock.defaultIsolation.rawValue); a debugger needs inline")

  static func locate(_ arguments: Arguments, _ context: Context) throws -> DevelopmentPlugin {
    let isolation =
      try arguments.parsed("--isolation", expected: "sandbox or inline", PluginManifest.Isolation.init)
      ?? PluginLock.defaultIsolation
    let path = arguments.positional[0]
    let (directory, manifest) = try folders(path, context)
    return DevelopmentPlugin(directory: directory, manifestDirectory: manifest, isolation: isolation)
  }

  private static func folders(_ path: String, _ context: Context) throws -> (directory: String, manifest: String) {
    if path.hasSuffix("/plugin.json") { return (parent(path), parent(path)) }
    guard path.hasSuffix(".so") else {
      guard try context.files.exists(path) else { throw missing(path, "no such folder or library") }
      guard try context.files.exists("\(path)/plugin.json") else {
        throw missing(path, "holds no plugin.json")
      }
      return (path, path)
    }
    guard try context.files.exists(path) else { throw missing(path, "no such library; build it first") }
    let directory = parent(path)
    var folder = directory.hasPrefix("/") ? directory : "\(context.workingDirectory)/\(directory)"
    while true {
      if try context.files.exists("\(folder)/plugin.json") { return (directory, folder) }
      guard let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else { break }
      folder = String(folder[..<slash])
    }
    throw missing(path, "neither its folder nor one above holds a plugin.json")
  }

  private static func missing(_ path: String, _ what: String) -> CommandFailure {
    .usage("\(path): \(what); expected a plugin's folder, or its library below the folder of its plugin.json")
  }

  private static func parent(_ path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  /// The files whose change means that it was built again.
  static func watched(_ plugin: DevelopmentPlugin, _ arguments: Arguments) -> [String] {
    let path = arguments.positional[0]
    var files = ["\(plugin.manifestDirectory)/plugin.json"]
    files += path.hasSuffix(".so") ? [path] : []
    files += ["--resources", "--world", "--configuration", "--expect"].compactMap { arguments.value($0) }
    return files
  }

  /// The plugin's configuration: a JSON file.
  static func configuration(_ arguments: Arguments, _ context: Context) throws -> Document {
    guard let path = arguments.value("--configuration") else { return .emptyObject }
    if path.hasPrefix("{") { return try parsed(Array(path.utf8), "--configuration") }
    guard let bytes = try context.files.contents(of: path) else { throw CommandFailure.usage("\(path): no such file") }
    return try parsed(bytes, path)
  }

  private static func parsed(_ bytes: [UInt8], _ what: String) throws -> Document {
    do throws(DocumentError) { return try Document(json: bytes) } catch {
      throw CommandFailure.usage("\(what): \(error.reason)")
    }
  }
}
