import Glibc
import Governance
import Ledger
import Orchestrator
import Testing

@testable import ScenarioReplay

struct DeterminismTests {
  /// 10 in CI; `make seeds` runs 200.
  static let seeds = unsafe getenv("REEVE_SCHEDULE_SEEDS").flatMap { unsafe UInt64(String(cString: $0)) } ?? 10

  private struct Outcome: Equatable {
    var findings: [String]
    var coverage: [String]
    var inventory: [String]
  }

  private func outcome(seed: UInt64) throws -> Outcome {
    let replay = try Replay.of(try TestWorld.demo(), seed: seed)
    try replay.sweep()
    return try replay.run { [ledger = replay.ledger] in
      Outcome(
        findings: try await ledger.findings(matching: FindingQuery()).map {
          "\($0.check) \($0.arn) \($0.message) \($0.evidence.json)"
        },
        coverage: try await ledger.coverage(ofSweep: "sweep-1").map {
          "\($0.scope) \($0.verdict) \($0.reason) \($0.resources)"
        },
        inventory: try await ledger.resources(matching: ResourceQuery()).map {
          "\($0.resource.arn) \($0.resource.tags) \($0.resource.attributes.json)"
        })
    }
  }

  @Test("another schedule is another interleaving with equal findings, coverage and inventory")
  func schedules() throws {
    let first = try outcome(seed: 0)
    #expect(first.inventory.count > 100)
    for seed in 1..<Self.seeds { #expect(try outcome(seed: seed) == first, "schedule seed \(seed)") }
  }

  @Test("one seed twice gives equal bytes of transcript and ledger dump; another seed another transcript")
  func bytes() throws {
    func bytes(_ seed: UInt64) throws -> (transcript: String, dump: String) {
      let replay = try Replay.of(try TestWorld.demo(), seed: seed)
      try replay.sweep()
      return (replay.transcript.text, try replay.run { [ledger = replay.ledger] in try await ledger.dump() })
    }
    let first = try bytes(3)
    let second = try bytes(3)
    #expect(first == second)
    #expect(first.transcript.split(separator: "\n").count > 100)
    #expect(try bytes(4).transcript != first.transcript)
  }
}
