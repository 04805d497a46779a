import Foundation
import Testing

/// Compares with a file of `Golden`, or records it when `REEVE_RECORD_GOLDEN=1` is set.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
  let file = folder.appendingPathComponent(name)
  if ProcessInfo.processInfo.environment["REEVE_RECORD_GOLDEN"] == "1" {
    try Data(text.utf8).write(to: file)
  }
  let recorded = String(decoding: try Data(contentsOf: file), as: UTF8.self)
  #expect(text == recorded, "differs from Golden/\(name)", sourceLocation: sourceLocation)
}
