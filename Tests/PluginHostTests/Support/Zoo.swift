import Foundation
import Governance
import Synchronization

@testable import PluginHost

/// Compiles the plugins in `Zoo/` with the machine's C compiler.
enum Zoo {
  struct CompilerFailed: Error, CustomStringConvertible {
    var description: String
  }

  private static let compiled = Mutex<[[String]: [UInt8]]>([:])
  private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  /// The bytes of a shared library.
  static func library(_ defines: [String] = [], flags: [String] = [], source: String = "zoo.c") throws -> [UInt8] {
    let arguments = defines.map { "-D\($0)" } + flags + [source]
    return try compiled.withLock { compiled in
      if let bytes = compiled[arguments] { return bytes }
      let bytes = try compile(defines: defines, flags: flags, source: here.appendingPathComponent("Zoo/\(source)").path)
      compiled[arguments] = bytes
      return bytes
    }
  }

  static func compile(defines: [String], flags: [String], source: String) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let output = folder.path + "/library.so"
    let include =
      here.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/CReevePlugin/include").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["cc", "-std=gnu11", "-shared", "-fPIC", "-I", include, "-o", output] + defines.map { "-D\($0)" } + [source]
      + flags
    let said = Pipe()
    process.standardError = said
    try process.run()
    let text = said.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw CompilerFailed(description: String(decoding: text, as: UTF8.self))
    }
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: output)))
  }

  static let checks: Document = [
    [
      "id": "zoo.public", "title": "Public", "severity": "high", "resourceTypes": ["ec2:image"],
      "attributes": ["Public"], "remediation": "Make it private.", "frameworks": ["Zoo rules 1.0": ["1.1", "1.2"]],
    ],
    [
      "id": "zoo.second", "title": "Second", "severity": "low", "resourceTypes": ["ec2:image"], "attributes": [],
    ],
    [
      "id": "zoo.snapshot", "title": "Snapshot", "severity": "low", "resourceTypes": ["ec2:snapshot"],
      "attributes": ["Public"],
    ],
  ]

  static let manifest: Document = [
    "id": "org.example.zoo", "version": "1.0.0", "abi": 1, "summary": "One of every kind.", "library": "zoo.so",
    "kinds": ["discovery", "check", "tagger", "remediator"], "checks": checks,
    "resourceTypes": ["ec2:image", "ec2:snapshot"], "attributes": ["ec2:image": ["Public"]],
    "reads": ["ec2:image": ["Tags"]], "remediates": ["zoo.public"],
    "operations": ["ec2:DescribeImages", "ec2:ModifyImageAttribute"],
    "configuration": [
      "type": "object", "additionalProperties": false,
      "properties": ["mode": ["type": "string"], "census": ["type": "integer"]],
    ],
  ]
}
