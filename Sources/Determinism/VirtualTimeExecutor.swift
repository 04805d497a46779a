import Glibc
package import Governance
import Synchronization

/// Runs a task tree on the calling thread under virtual time.
///
/// Invariants:
/// 1. Every job runs on the thread that called `run`; a job that arrives from another thread fails the run.
/// 2. While a job is ready the clock stands still; which ready job runs next is drawn from the seed.
/// 3. When none is ready the clock jumps to the earliest timer; ties are drawn from the seed.
/// 4. Nothing ready, no timer and an unfinished root is a deadlock: the run throws and names what is waited for.
package final class VirtualTimeExecutor: TaskExecutor, WorldClock {
  package enum Failure: Error, Equatable, CustomStringConvertible {
    case foreignThread(seed: UInt64)
    case deadlock(seed: UInt64, at: Timestamp, waiting: [String])
    case overdue(seed: UInt64, limit: Timestamp, waiting: [String])

    package var description: String {
      switch self {
      case .foreignThread(let seed):
        "work arrived from a thread that is not the replay's (schedule seed \(seed)): something started a bare task, "
          + "slept on the wall clock or resumed a continuation elsewhere"
      case .deadlock(let seed, let time, let waiting):
        "deadlock at \(time.iso8601) (schedule seed \(seed)): nothing is ready, no timer is set, and the root has not "
          + "finished; waiting: \(Self.names(waiting))"
      case .overdue(let seed, let limit, let waiting):
        "not finished by \(limit.iso8601) of virtual time (schedule seed \(seed)); waiting: \(Self.names(waiting))"
      }
    }

    private static func names(_ waiting: [String]) -> String {
      waiting.isEmpty ? "nothing that was named" : waiting.joined(separator: ", ")
    }
  }

  private struct Timer {
    var deadline: Timestamp
    var tie: UInt64
    var id: Int
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var ready: [UnownedJob] = []
    var timers: [Timer] = []
    var cancelledBeforeSet: Set<Int> = []
    var waiting: [Int: String] = [:]
    var nextID = 0
    var now: Timestamp
    var generator: SeededGenerator
    var thread: pthread_t?
    var foreignThread = false
  }

  private let seed: UInt64
  private let state: Mutex<State>

  package init(seed: UInt64, start: Timestamp) {
    self.seed = seed
    state = Mutex(State(now: start, generator: SeededGenerator(seed: seed, stream: "schedule")))
  }

  package var now: Timestamp { state.withLock { $0.now } }

  /// Moves the clock forward at once, as when a simulator is told to advance. Timers that have come fire in their turn.
  package func advance(to time: Timestamp) {
    state.withLock { $0.now = max($0.now, time) }
  }

  package func sleep(until deadline: Timestamp) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let cancelled = state.withLock { state in
          if state.cancelledBeforeSet.remove(id) != nil { return true }
          state.timers.append(
            Timer(deadline: deadline, tie: state.generator.next(), id: id, continuation: continuation))
          return false
        }
        if cancelled { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let timer: Timer? = state.withLock { state in
        guard let position = state.timers.firstIndex(where: { $0.id == id }) else {
          state.cancelledBeforeSet.insert(id)
          return nil
        }
        return state.timers.remove(at: position)
      }
      timer?.continuation.resume(throwing: CancellationError())
    }
    _ = state.withLock { $0.cancelledBeforeSet.remove(id) }
  }

  /// Names what the body waits for, for the report of a deadlock.
  package func waiting<Value>(for name: String, _ body: () async throws -> Value) async rethrows -> Value {
    let id = state.withLock { state in
      state.nextID += 1
      state.waiting[state.nextID] = name
      return state.nextID
    }
    defer { _ = state.withLock { $0.waiting.removeValue(forKey: id) } }
    return try await body()
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { state in
      if let thread = state.thread, pthread_equal(thread, pthread_self()) == 0 { state.foreignThread = true }
      state.ready.append(job)
    }
  }

  /// Runs `root` and all that it starts to the end. What renews itself for ever would never be a deadlock: past `limit` the run
  /// fails.
  package func run<Value: Sendable>(
    until limit: Timestamp? = nil, _ root: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    state.withLock { $0.thread = pthread_self() }
    let slot = Slot<Value>()
    Task(executorPreference: self) {
      do {
        slot.fill(.success(try await root()))
      } catch {
        slot.fill(.failure(error))
      }
    }
    while true {
      if let result = slot.value { return try result.get() }
      let next: UnownedJob? = try state.withLock { state in
        if state.foreignThread { throw Failure.foreignThread(seed: seed) }
        guard !state.ready.isEmpty else { return nil }
        // Which one stands where is drawn anyway: the last takes the place of the one that leaves.
        state.ready.swapAt(state.generator.below(state.ready.count), state.ready.count - 1)
        return state.ready.removeLast()
      }
      if let next {
        unsafe next.runSynchronously(on: asUnownedTaskExecutor())
        continue
      }
      try fireNextTimer(before: limit)
    }
  }

  private func fireNextTimer(before limit: Timestamp?) throws {
    let timer: Timer = try state.withLock { state in
      let positions = state.timers.indices
      guard
        let first = positions.min(by: {
          (state.timers[$0].deadline, state.timers[$0].tie) < (state.timers[$1].deadline, state.timers[$1].tie)
        })
      else {
        throw Failure.deadlock(seed: seed, at: state.now, waiting: state.waiting.values.sorted())
      }
      if let limit, state.timers[first].deadline > limit {
        throw Failure.overdue(seed: seed, limit: limit, waiting: state.waiting.values.sorted())
      }
      let timer = state.timers.remove(at: first)
      state.now = max(state.now, timer.deadline)
      return timer
    }
    timer.continuation.resume()
  }
}

/// Where the root leaves its outcome.
private final class Slot<Value: Sendable>: Sendable {
  private let outcome = Mutex<Result<Value, any Error>?>(nil)
  /// Asked before every job, and much cheaper than the outcome itself.
  private let isFilled = Atomic(false)

  var value: Result<Value, any Error>? { isFilled.load(ordering: .acquiring) ? outcome.withLock { $0 } : nil }
  func fill(_ result: Result<Value, any Error>) {
    outcome.withLock { $0 = result }
    isFilled.store(true, ordering: .releasing)
  }
}
