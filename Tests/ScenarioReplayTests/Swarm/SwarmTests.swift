import Configuration
import Governance
import Testing

@testable import ScenarioReplay

struct SwarmTests {
  private static let swarm = Swarm(catalog: ShippedPlugins.host)

  @Test("random organizations, people, crashes and commands violate nothing", arguments: 0..<10)
  func seeds(tenth: Int) {
    for seed in UInt64(tenth * Self.seedsPerTenth + 1)...UInt64((tenth + 1) * Self.seedsPerTenth) {
      var swarm = Self.swarm
      swarm.repeats = seed.isMultiple(of: 25)
      let outcome = swarm.run(seed: seed)
      #expect(outcome.violations.isEmpty, "reeve scenario swarm --seeds \(seed)..\(seed)")
      #expect(outcome.steps >= 5, "seed \(seed)")
    }
  }

  /// Together 500, unless the environment asks for others.
  private static let seedsPerTenth = 50

  @Test("a broken Reeve is noticed within sixty seeds, whatever is broken", arguments: SwarmCanary.allCases)
  func canary(_ canary: SwarmCanary) throws {
    var swarm = Self.swarm
    swarm.ports = canary.ports
    let found = (UInt64(1)...60).lazy.map { swarm.run(seed: $0) }.first { !$0.violations.isEmpty }
    let outcome = try #require(found, "\(canary.rawValue) was not noticed")
    #expect(!outcome.violations.contains { $0.invariant == .harness }, "\(outcome.violations)")
    // Without the defect the same scenario violates nothing: it is the defect that was noticed.
    #expect(Self.swarm.run(outcome.document, scheduleSeed: outcome.scheduleSeed).violations == [])
  }

  @Test("a scenario that shows a violation is shrunk to one that shows it too, the same one every time")
  func shrinks() throws {
    var swarm = Self.swarm
    swarm.ports = SwarmCanary.publishes.ports
    let found = (UInt64(1)...30).lazy.map { swarm.run(seed: $0) }.first { !$0.violations.isEmpty }
    let outcome = try #require(found)
    let invariant = try #require(outcome.violations.first?.invariant)
    func shrunk() -> Document {
      var shrinker = SwarmShrinker(
        swarm, scheduleSeed: outcome.scheduleSeed, invariant: invariant, violated: outcome.violations.map(\.invariant),
        budget: 80)
      return shrinker.shrink(outcome.document)
    }
    let small = shrunk()
    #expect(small.json.utf8.count < outcome.document.json.utf8.count / 2)
    #expect(small.json == shrunk().json)
    // As it would be written and read again.
    let read = try YAML.parse(Array(YAML.write(small).utf8), file: "small.yaml").document
    let again = swarm.run(read, scheduleSeed: outcome.scheduleSeed)
    #expect(again.violations.contains { $0.invariant == invariant })
  }

  @Test("the seeds together hold chains of one, two and three roles, and machines lost with and without their ledger")
  func variety() {
    let documents = (UInt64(1)...100).map { Swarm.document(seed: $0) }
    let hops = documents.map { $0.at(path: "reeve.roles")?.count ?? 1 }
    for length in 1...3 { #expect(hops.count { $0 == length } > 10, "\(length) roles") }
    let steps = documents.map { $0["timeline"]?.elements ?? [] }
    #expect(steps.count { $0.contains { $0.at(path: "crash.losesMachine") == true } } > 10)
    #expect(steps.count { $0.contains { $0["ledger"]?.string?.hasPrefix("machine-") == true } } > 5)
    #expect(steps.count { $0.contains { $0["wait"] != nil } } > 5)
  }

  @Test("a seed's scenario can be written as a file and read again, and plays the same")
  func files() throws {
    for seed in UInt64(1)...5 {
      let document = Swarm.document(seed: seed)
      let read = try YAML.parse(Array(YAML.write(document).utf8), file: "seed.yaml").document
      #expect(read == document, "seed \(seed)")
      #expect(
        Self.swarm.run(read, scheduleSeed: seed).transcript == Self.swarm.run(seed: seed).transcript, "seed \(seed)")
    }
  }
}
