import Determinism
import Governance
import Orchestrator
import Synchronization
import Testing

@testable import Ledger

@Suite struct SharedCommitsTests {
  /// Lets calls wait until there are as many as it is told, and then runs them one after the other.
  final class GatheringLane: Lane {
    private struct State {
      var width = 1
      var calls: [@Sendable () -> Void] = []
    }
    private let state = Mutex(State())

    func gather(_ width: Int) { state.withLock { $0.width = width } }

    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
      try await withCheckedThrowingContinuation { continuation in
        let ready = state.withLock { state in
          state.calls.append { continuation.resume(with: Result { try body() }) }
          guard state.calls.count >= state.width else { return [@Sendable () -> Void]() }
          defer { state.calls = [] }
          return state.calls
        }
        for call in ready { call() }
      }
    }
  }

  static let scopes = ["eu-central-1", "eu-west-1", "sa-east-1", "us-east-1", "us-west-2"].map {
    Scope(account: "012345678901", region: $0)
  }

  /// Commits all results at the same time. What each came to, in their order, and how many transactions there were.
  private func commit(_ results: [ScopeResult]) async throws -> (SQLiteLedger, [String], transactions: Int) {
    let transactions = Mutex(0)
    let lane = GatheringLane()
    let ledger = try SQLiteLedger(.memory, lane: lane, schema: .current, patience: .zero) { sql in
      if sql.hasPrefix("BEGIN IMMEDIATE") { transactions.withLock { $0 += 1 } }
    }
    try await ledger.beginSweep(sweep("s"))
    transactions.withLock { $0 = 0 }
    lane.gather(results.count)
    let outcomes = await withTaskGroup(of: (Int, String).self) { group in
      for (position, result) in results.enumerated() {
        group.addTask {
          do {
            try await ledger.commit(result, sweep: "s", now: at(0))
            return (position, "committed")
          } catch {
            return (position, "\(error)")
          }
        }
      }
      var outcomes = [String](repeating: "", count: results.count)
      for await (position, outcome) in group { outcomes[position] = outcome }
      return outcomes
    }
    lane.gather(1)
    return (ledger, outcomes, transactions.withLock { $0 })
  }

  @Test("Scopes that wait at the same time share one transaction")
  func shared() async throws {
    let results = Self.scopes.map { result([image("ami-1", in: $0)], [verdict(failing)], in: $0) }
    let (ledger, outcomes, transactions) = try await commit(results)
    #expect(outcomes == Self.scopes.map { _ in "committed" })
    #expect(transactions == 1)
    #expect(try await ledger.coverage(ofSweep: "s").map(\.scope) == Self.scopes)
    #expect(try await ledger.findings(matching: FindingQuery()).map(\.resource.scope) == Self.scopes)
  }

  @Test("One scope's fault is no other's")
  func fault() async throws {
    var results = Self.scopes.map { result([image("ami-1", in: $0)], [verdict(failing)], in: $0) }
    let stranger = Self.scopes[0]
    results[2] = result([image("ami-1", in: stranger)], in: Self.scopes[2])
    let (ledger, outcomes, transactions) = try await commit(results)
    #expect(outcomes[2].contains("ec2:image ami-1 belongs to \(stranger), not to \(Self.scopes[2])"))
    #expect(outcomes.count { $0 == "committed" } == 4)
    #expect(transactions == 1 + Self.scopes.count)
    let covered = try await ledger.coverage(ofSweep: "s").map(\.scope)
    #expect(covered == Self.scopes.filter { $0 != Self.scopes[2] })
  }
}
