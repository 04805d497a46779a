import Dispatch
import Synchronization

/// Makes the same call from several threads at the same time.
struct OverlappingCalls {
  let threads: Int
  let rounds: Int
  let call: @Sendable () -> Bool

  /// How many calls were answered otherwise than they should.
  func countOfWrong() -> Int {
    let wrong = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      for _ in 0..<rounds where !call() { wrong.add(1, ordering: .relaxed) }
    }
    return wrong.load(ordering: .relaxed)
  }
}
