import Foundation
import Testing

@testable import PluginHost

@Suite struct PluginExplanationTests {
  @Test("Every code is explained: what, expected, found, causes in order, next command; none is another's text")
  func everyCode() {
    let all = PluginExplanation.all
    #expect(all.count == PluginLoadError.Code.allCases.count + PluginFault.allCases.count)
    #expect(Set(all.map(\.code)).count == all.count)
    for explanation in all {
      let parts = [explanation.what, explanation.expected, explanation.found, explanation.next] + explanation.causes
      #expect(parts.allSatisfy { !$0.isEmpty }, "\(explanation.code)")
      #expect(!explanation.causes.isEmpty, "\(explanation.code)")
      #expect(PluginExplanation.of(explanation.code.lowercased()) == explanation)
    }
    // A code that fell through to its neighbour's text would say the same. Defects of reeve itself share one.
    let own = all.filter { !$0.what.contains("a defect of reeve, not of the plugin") }
    #expect(Set(own.map(\.what)).count == own.count)
    #expect(PluginExplanation.of("P999") == nil)
  }

  @Test("Every code that a message of the sources carries has an explanation")
  func sources() throws {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let known = Set(PluginExplanation.all.map(\.code))
    var seen: Set<String> = []
    let form = try Regex(
      #""(Plugin[A-Z][A-Za-z]+|OperationNotGranted|NoVerdict|UnknownCheck)""#, as: (Substring, Substring).self)
    let folder = package.appendingPathComponent("Sources/PluginHost")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift", !file.path.contains("/Explain/") else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      seen.formUnion(text.matches(of: form).map { String($0.output.1) })
    }
    #expect(seen.count > 8)
    #expect(seen.subtracting(known) == [])
  }
}
