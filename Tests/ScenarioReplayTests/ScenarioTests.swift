import Governance
import Orchestrator
import Testing

@testable import ScenarioReplay

struct ScenarioTests {
  static func run(_ scenario: Scenario, seed: UInt64) -> ScenarioResult {
    ScenarioRunner(.init(scheduleSeed: seed, catalog: ShippedPlugins.host)).run(scenario)
  }

  @Test("every scenario passes under every schedule seed")
  func all() throws {
    let names = try ScenarioFiles.all()
    #expect(!names.isEmpty)
    for name in names {
      let scenario = try ScenarioFiles.scenario(name)
      for seed in 0..<DeterminismTests.seeds {
        let result = Self.run(scenario, seed: seed)
        #expect(result.passed, "\(name) --seed \(seed)\n\(ScenarioText.failures(result))")
        guard result.passed else { break }
      }
    }
  }
}
