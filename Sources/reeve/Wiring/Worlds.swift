import Configuration
import EC2Simulator
import Governance

/// World files.
enum Worlds {
  /// Where the virtual clock of an embedded simulator starts when the world fixes no start: the same every time.
  static let defaultStart = Timestamp(seconds: 1_795_428_000)

  /// `demo` stands for the demo organization that is installed with reeve.
  static func path(_ path: String, _ context: Context) throws -> String {
    guard path == "demo" else { return path }
    return try Installation.file("demo.yaml", "Scenarios/demo.yaml", context)
  }

  static func read(_ path: String, seed: UInt64?, _ context: Context) throws -> World {
    guard let bytes = try context.files.contents(of: path) else {
      throw CommandFailure.usage("\(path): no such file; expected a world, as Scenarios/demo.yaml is one")
    }
    return try World(source: try YAML.parse(bytes, file: path), seed: seed)
  }
}
