import Foundation
import Testing

/// The contract's reference is made from the header, and every sample in the documents compiles.
struct DocumentationTests {
  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let documents = package.appendingPathComponent("Sources/ReevePluginKit/ReevePluginKit.docc")
  private static let header = package.appendingPathComponent("Sources/CReevePlugin/include/reeve_plugin.h")

  private static func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

  @Test("Contract.md is what the header says; REEVE_RECORD_GOLDEN=1 writes it anew")
  func reference() throws {
    let made = ContractReference(header: try Self.text(Self.header)).markdown
    let file = Self.documents.appendingPathComponent("Contract.md")
    if ProcessInfo.processInfo.environment["REEVE_RECORD_GOLDEN"] != nil {
      try made.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try Self.text(file) == made)
    #expect(made.contains("### reeve_resource"))
    #expect(made.contains("| `evaluate` |"))
  }

  /// The fenced samples of a language.
  private static func samples(_ language: String, in name: String) throws -> [String] {
    let parts = try text(documents.appendingPathComponent(name)).components(separatedBy: "```\(language)\n")
    return parts.dropFirst().compactMap { $0.components(separatedBy: "\n```").first }
  }

  private static func run(_ words: [String]) throws -> (status: Int32, said: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, said)
  }

  private static func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reeve-samples-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test("The samples in C compile without a warning and make a plugin")
  func samplesInC() throws {
    let samples = try Self.samples("c", in: "YourFirstCheckInC.md")
    #expect(samples.count == 1)
    try Self.inFolder { folder in
      for (position, sample) in samples.enumerated() {
        let source = folder.appendingPathComponent("sample\(position).c")
        try sample.write(to: source, atomically: true, encoding: .utf8)
        let (status, said) = try Self.run([
          "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden", "-Wl,-z,defs",
          "-I",
          Self.header.deletingLastPathComponent().path, "-o", folder.appendingPathComponent("sample.so").path,
          source.path,
        ])
        #expect(status == 0, "\(said)")
      }
    }
  }

  @Test("The samples in Swift compile together, as the author's file and its test")
  func samplesInSwift() throws {
    // Compiled as one module here, which the test needs not import then.
    let tutorial = try Self.samples("swift", in: "YourFirstCheck.md")
      .map { $0.replacingOccurrences(of: "@testable import ImageAge\n", with: "") }
    #expect(tutorial.count == 2)
    let readme = try Self.text(Self.package.appendingPathComponent("README.md"))
      .components(separatedBy: "```swift\n").dropFirst().compactMap { $0.components(separatedBy: "\n```").first }
    #expect(!readme.isEmpty)
    let modules = Self.modules
    try Self.inFolder { folder in
      for (position, files) in ([tutorial] + readme.map { [$0] }).enumerated() {
        let sources = try files.enumerated().map { number, text in
          let file = folder.appendingPathComponent("sample\(position)_\(number).swift")
          try text.write(to: file, atomically: true, encoding: .utf8)
          return file.path
        }
        let include = Self.package.appendingPathComponent("Sources/CReevePlugin/include")
        let (status, said) = try Self.run(
          [
            "swiftc", "-typecheck", "-parse-as-library", "-swift-version", "6", "-module-name", "Sample", "-I",
            modules.path,
            "-Xcc", "-fmodule-map-file=\(include.path)/module.modulemap", "-Xcc", "-I\(include.path)",
          ] + sources)
        #expect(status == 0, "\(said)")
      }
    }
  }

  /// Beside the test product.
  private static let modules: URL = {
    var folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/" {
      let candidate = folder.appendingPathComponent("Modules")
      if FileManager.default.fileExists(atPath: candidate.appendingPathComponent("ReevePluginKit.swiftmodule").path) {
        return candidate
      }
      folder.deleteLastPathComponent()
    }
    return package.appendingPathComponent(".build/debug/Modules")
  }()
}
