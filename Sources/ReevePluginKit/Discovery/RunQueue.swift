import Glibc
import Synchronization

/// The executor of one discovery run. It has no thread: what becomes ready waits here until the host's next call runs it.
///
/// Invariants:
/// 1. `enqueue` only appends. Jobs run in `drain`, on the thread of the host's call.
/// 2. Between `enter` and `leave` exactly one thread is the run's own. Anything that arrives from another one, or
///    between two calls, has left the run (an unstructured task, a sleep, the main actor) and fails it.
final class RunQueue: TaskExecutor, Sendable {
  private struct State {
    var ready: [UnownedJob] = []
    var next = 0
    var caller: pthread_t?
    var hasForeignWork = false
  }

  private let state = Mutex(State())

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { state in
      if state.caller != pthread_self() { state.hasForeignWork = true }
      state.ready.append(job)
    }
  }

  func enter() { state.withLock { $0.caller = pthread_self() } }
  func leave() { state.withLock { $0.caller = nil } }

  /// Whether the caller is on the thread of the host's call.
  var isOwnThread: Bool { state.withLock { $0.caller == pthread_self() } }
  var hasForeignWork: Bool { state.withLock { $0.hasForeignWork } }
  func noteForeignWork() { state.withLock { $0.hasForeignWork = true } }

  /// Runs one ready job; false when there is none.
  func runOne() -> Bool {
    let job: UnownedJob? = state.withLock { state in
      guard state.next < state.ready.count else {
        state.ready.removeAll(keepingCapacity: true)
        state.next = 0
        return nil
      }
      defer { state.next += 1 }
      return state.ready[state.next]
    }
    guard let job else { return false }
    unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    return true
  }
}
