import Dispatch
import Glibc
import Governance
import Synchronization

/// The live watchdog: a thread of its own that waits for the next deadline.
///
/// Only `reeve` makes one, with what is to happen; the rest of the program never ends itself.
package final class ThreadWatchdog: Watchdog {
  private struct State {
    var deadlines = CallDeadlines()
    /// When the thread wakes up of its own accord; nil: it sleeps until it is told.
    var wakesAt: Duration?
    var isStopped = false
  }

  /// What the thread and its owner share: the thread does not keep its owner alive.
  private final class Shared: Sendable {
    let state = Mutex(State())
    let changed = DispatchSemaphore(value: 0)
  }

  private let shared = Shared()

  /// `onTimeout` is called on the watchdog's thread, once for each overdue call.
  package init(onTimeout: @escaping @Sendable (WatchedCall) -> Void) throws(ThreadStartFailure) {
    let shared = shared
    try PermanentThread.start(name: "reeve-watchdog") { Self.watch(shared, onTimeout) }
  }

  deinit {
    shared.state.withLock { $0.isStopped = true }
    shared.changed.signal()
  }

  package func callBegan(_ call: WatchedCall) -> UInt64 {
    let now = Self.now
    let (token, wakes) = shared.state.withLock { state in
      let token = state.deadlines.began(call, at: now)
      let isEarlier = state.wakesAt.map { now + call.limit < $0 } ?? true
      return (token, isEarlier)
    }
    if wakes { shared.changed.signal() }
    return token
  }

  package func callEnded(_ token: UInt64) { shared.state.withLock { $0.deadlines.ended(token) } }

  private static var now: Duration { .nanoseconds(Int64(DispatchTime.now().uptimeNanoseconds)) }

  private static func watch(_ shared: Shared, _ onTimeout: @Sendable (WatchedCall) -> Void) {
    while true {
      let now = now
      let (overdue, next, isStopped) = shared.state.withLock { state in
        let overdue = state.deadlines.overdue(at: now)
        state.wakesAt = state.deadlines.next
        return (overdue, state.wakesAt, state.isStopped)
      }
      if isStopped { return }
      for call in overdue { onTimeout(call) }
      if let next {
        _ = shared.changed.wait(timeout: DispatchTime(uptimeNanoseconds: UInt64(max(0, next.nanoseconds))))
      } else {
        shared.changed.wait()
      }
    }
  }

  /// What `reeve` does at a timeout: says so and ends at once. Nothing is flushed or unwound, since the thread that
  /// hangs may hold anything; the ledger is made for that.
  package static func endProcess(status: Int32) -> @Sendable (WatchedCall) -> Void {
    { call in
      let message = "reeve: \(call.overdueMessage)\n"
      _ = unsafe write(2, message, message.utf8.count)
      _exit(status)
    }
  }
}
