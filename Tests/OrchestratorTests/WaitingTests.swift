import Determinism
import Governance
import Synchronization
import Testing

@testable import Orchestrator

struct WaitingTests {
  private func executor(_ seed: UInt64) -> VirtualTimeExecutor {
    VirtualTimeExecutor(seed: seed, start: Timestamp(seconds: 0))
  }

  @Test("a gate never lets more through than its limit, and everybody comes through", arguments: [1, 3, 7])
  func gate(limit: Int) throws {
    for seed in UInt64(0)..<20 {
      let clock = executor(seed)
      let counts = Counts()
      try clock.run {
        let gate = Gate(limit: limit)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<40 {
            group.addTask {
              try await gate.pass {
                counts.enter()
                try await clock.sleep(for: .seconds(1))
                counts.leave()
              }
            }
          }
          try await group.waitForAll()
        }
      }
      #expect(counts.most == limit)
      #expect(counts.done == 40)
    }
  }

  @Test("a raised stop wakes all who wait; the first reason stays; a cancelled waiter is released")
  func stop() throws {
    let clock = executor(1)
    let signal = StopSignal()
    let woken = try clock.run {
      await withTaskGroup(of: Int.self) { group in
        for number in 0..<3 {
          group.addTask {
            await signal.wait()
            return number
          }
        }
        try? await clock.sleep(for: .seconds(1))
        signal.raise("first")
        signal.raise("second")
        return await group.reduce(into: 0) { sum, _ in sum += 1 }
      }
    }
    #expect(woken == 3)
    #expect(signal.reason == "first")
    let silent = StopSignal()
    try clock.run {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await silent.wait() }
        await Task.yield()
        group.cancelAll()
      }
    }
    #expect(silent.reason == nil)
  }
}

private final class Counts: Sendable {
  private let state = Mutex((inside: 0, most: 0, done: 0))

  var most: Int { state.withLock { $0.most } }
  var done: Int { state.withLock { $0.done } }
  func enter() {
    state.withLock {
      $0.inside += 1
      $0.most = max($0.most, $0.inside)
    }
  }
  func leave() {
    state.withLock {
      $0.inside -= 1
      $0.done += 1
    }
  }
}
