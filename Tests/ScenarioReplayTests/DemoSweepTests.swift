import Governance
import Orchestrator
import PluginHost
import Testing

@testable import ScenarioReplay

struct DemoSweepTests {
  @Test("the demo organization shows the seeded exposures and nothing else, and every scope is accounted for")
  func seeded() throws {
    #expect(ShippedPlugins.host.errors.map(\.description) == [])
    let replay = try Replay.of(try TestWorld.demo())
    let outcome = try replay.sweep()
    #expect(outcome.record.status == .complete)
    let expected = try TextFile.lines("Scenarios/demo.expected")
    #expect(try replay.findings() == expected)
    #expect(try replay.gaps() == [])
    #expect(try replay.notEvaluated() == [])
  }
}
