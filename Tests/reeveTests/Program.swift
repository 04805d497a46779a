import Foundation

/// The program as its users run it.
enum Program {
  struct Ended {
    var status: Int32
    var output: String
    var errors: String
  }

  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Beside the test product.
  static let binary: URL = {
    var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent("reeve")
      if FileManager.default.isExecutableFile(atPath: candidate.path),
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("plugins/shipped.lock").path)
      {
        return candidate
      }
      folder.deleteLastPathComponent()
    }
    return package.appendingPathComponent(".build/debug/reeve")
  }()

  static func run(_ arguments: String..., in folder: URL) throws -> Ended { try run(arguments, in: folder) }

  static func run(_ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws -> Ended {
    let process = Process()
    process.executableURL = binary
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "AWS_EC2_METADATA_DISABLED": "true"]
      .merging(environment) { $1 }
    let output = Pipe()
    let errors = folder.appendingPathComponent("errors-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Ended(
      status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }

  static func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reeve-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }
}
