import EC2Simulator
import Foundation
import Testing

@Suite struct FidelityPageTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let page = root.appending(path: "Sources/EC2Simulator/EC2Simulator.docc/Fidelity.md")

  @Test("The fidelity page says what the code does; `make golden` writes it again")
  func page() throws {
    if ProcessInfo.processInfo.environment["REEVE_RECORD_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(
        at: Self.page.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(FidelityPage.text.utf8).write(to: Self.page)
    }
    #expect(try String(contentsOf: Self.page, encoding: .utf8) == FidelityPage.text)
  }
}
