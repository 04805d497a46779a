import Governance
import Synchronization
import Testing

@testable import Determinism

struct VirtualTimeExecutorTests {
  private func executor(_ seed: UInt64) -> VirtualTimeExecutor {
    VirtualTimeExecutor(seed: seed, start: Timestamp(seconds: 1_000))
  }

  /// Ten tasks that each sleep a little three times; the order in which they end.
  private func interleaving(seed: UInt64) throws -> [Int] {
    let clock = executor(seed)
    return try clock.run {
      await withTaskGroup(of: Int.self) { group in
        for number in 0..<10 {
          group.addTask {
            for _ in 0..<3 { try? await clock.sleep(for: .seconds(1)) }
            return number
          }
        }
        var order: [Int] = []
        for await number in group { order.append(number) }
        return order
      }
    }
  }

  @Test("the clock jumps over waits: a year takes no time")
  func jumps() throws {
    let clock = executor(1)
    let end = try clock.run {
      try await clock.sleep(for: .seconds(365 * 86_400))
      return clock.now
    }
    #expect(end == Timestamp(seconds: 1_000 + 365 * 86_400))
  }

  @Test("one seed gives one interleaving; other seeds give others")
  func seeds() throws {
    for seed in UInt64(0)..<20 {
      #expect(try interleaving(seed: seed) == interleaving(seed: seed))
    }
    let different = Set(try (UInt64(0)..<20).map { try interleaving(seed: $0) })
    #expect(different.count > 15)
    #expect(different.allSatisfy { Set($0) == Set(0..<10) })
  }

  @Test("a cancelled sleep ends at once, and the clock stays")
  func cancellation() throws {
    let clock = executor(3)
    let outcome = try clock.run {
      await withTaskGroup(of: String.self) { group in
        group.addTask {
          do {
            try await clock.sleep(for: .seconds(1_000))
            return "slept"
          } catch { return "cancelled" }
        }
        try? await clock.sleep(for: .seconds(1))
        group.cancelAll()
        return await group.next() ?? ""
      }
    }
    #expect(outcome == "cancelled")
    #expect(clock.now == Timestamp(seconds: 1_001))
  }

  @Test("nothing ready, no timer and an unfinished root is a deadlock that names what waits")
  func deadlock() {
    let clock = executor(4)
    let kept = Mutex<CheckedContinuation<Void, Never>?>(nil)
    #expect(
      throws: VirtualTimeExecutor.Failure.deadlock(seed: 4, at: Timestamp(seconds: 1_000), waiting: ["a lost answer"])
    ) {
      try clock.run {
        await clock.waiting(for: "a lost answer") {
          await withCheckedContinuation { continuation in kept.withLock { $0 = continuation } }
        }
      }
    }
    kept.withLock { $0 }?.resume()
  }

  @Test("work from another thread fails the run")
  func foreignThread() {
    let clock = executor(5)
    #expect(throws: VirtualTimeExecutor.Failure.foreignThread(seed: 5)) {
      try clock.run {
        // A detached task ends on a thread of the runtime and wakes its waiter from there: what a replay must notice.
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await Task.detached {}.value }
          while true { await Task.yield() }
        }
      }
    }
  }

  @Test("an error of the root is thrown to the caller")
  func errors() {
    struct Broken: Error {}
    #expect(throws: Broken.self) { try executor(6).run { throw Broken() } }
  }
}

struct SeededGeneratorTests {
  @Test("the numbers of a seed are pinned: a replay of last year is a replay")
  func pinned() {
    var generator = SeededGenerator(seed: 42)
    #expect(
      (0..<3).map { _ in generator.next() } == [
        1_546_998_764_402_558_742, 6_990_951_692_964_543_102, 12_544_586_762_248_559_009,
      ])
  }

  @Test("streams of one seed are independent, draws stay in bounds")
  func streams() {
    var left = SeededGenerator(seed: 7, stream: "ids")
    var right = SeededGenerator(seed: 7, stream: "faults")
    #expect(left.next() != right.next())
    for _ in 0..<1_000 {
      #expect((0..<3).contains(left.below(3)))
      #expect((0..<1).contains(left.unit()))
    }
    #expect(left.hexadecimal(digits: 17).count == 17)
  }
}
