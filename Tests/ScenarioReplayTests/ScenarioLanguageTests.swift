import EC2Simulator
import Governance
import Orchestrator
import Testing

@testable import ScenarioReplay

struct ScenarioLanguageTests {
  @Test("what is written of a scenario reads back to an equal one")
  func roundTrip() throws {
    for path in try ScenarioFiles.all() {
      let scenario = try ScenarioFiles.scenario(path)
      let again = try Scenario.parse(
        Array(scenario.yaml.utf8), file: ScenarioFiles.place(path), files: ScenarioFiles.read)
      #expect(again == scenario, "\(path)")
    }
  }

  @Test("a scenario made in a program is written with its whole world")
  func generated() throws {
    let world = try TestWorld.yaml(
      """
      seed: 3
      regions: [us-east-1]
      organization: { management: "100000000001" }
      accounts: [{ id: "100000000001", name: root }, { id: "100000000002", name: one }]
      """)
    var sweep = SweepEvent()
    sweep.checks = ["image.public"]
    sweep.maximumDuration = .milliseconds(1_500)
    let scenario = Scenario(
      title: "made", world: ScenarioWorld(world),
      timeline: [
        ScenarioStep(
          name: "look", at: .seconds(90), every: .seconds(3_600), times: 2, event: .sweep(sweep),
          crash: .init(boundary: 7, losesMachine: true), ledger: "other",
          expectations: [Expectation(.exit(.crashed)), Expectation(.gaps([]))])
      ],
      expectations: [
        Expectation(.calls([CallExpectation(operation: "ec2:Modify*", account: "one", count: .exactly(0))])),
        Expectation(.kpis([NamedBound(name: "open", bound: Bound(atMost: 3))])),
      ])
    let again = try Scenario.parse(Array(scenario.yaml.utf8), file: "made.yaml", files: { _ in nil })
    #expect(again == scenario)
    #expect(again.world.world.accountIDs == world.accountIDs)
  }
}

/// The scenarios of this package.
enum ScenarioFiles {
  static let folder = ShippedPlugins.packageDirectory + "Scenarios/"

  /// `Scenarios/*.yaml` that are scenarios, by name.
  static func all() throws -> [String] {
    try names(in: folder).filter { name in
      try name.hasSuffix(".yaml")
        && String(decoding: TextFile.bytes(folder + name), as: UTF8.self).contains("\ntimeline:")
    }
  }

  static func place(_ name: String) -> String { folder + name }

  static func scenario(_ name: String) throws -> Scenario {
    try Scenario.parse(try TextFile.bytes(place(name)), file: place(name), files: read)
  }

  static func read(_ path: String) -> [UInt8]? { try? TextFile.bytes(path) }
}
