import Synchronization

/// Says to everything that works: end cleanly. Raised by Ctrl-C, by the maximum duration, by a lost lease.
package final class StopSignal: Sendable {
  private struct State {
    var reason: String?
    var nextID = 0
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var cancelled: Set<Int> = []
    var attending = 0
  }
  private let state = Mutex(State())

  package init() {}

  package var reason: String? { state.withLock { $0.reason } }

  /// Is there anybody who would hear it? Where nobody is, ending the process at once is what the user expects.
  package var isAttended: Bool { state.withLock { $0.attending > 0 || !$0.waiters.isEmpty } }

  /// For work that asks for the reason between its steps, and must not be ended within one.
  package func attending<Value>(_ body: () async throws -> Value) async rethrows -> Value {
    state.withLock { $0.attending += 1 }
    defer { state.withLock { $0.attending -= 1 } }
    return try await body()
  }

  /// The first reason stays.
  package func raise(_ reason: String) {
    let waiters = state.withLock { state in
      if state.reason == nil { state.reason = reason }
      defer { state.waiters = [:] }
      return state.waiters
    }
    for id in waiters.keys.sorted() { waiters[id]?.resume() }
  }

  /// Returns when the signal is raised or the task is cancelled.
  package func wait() async {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.reason != nil || state.cancelled.remove(id) != nil { return true }
          state.waiters[id] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        let waiter = state.waiters.removeValue(forKey: id)
        if waiter == nil { state.cancelled.insert(id) }
        return waiter
      }
      waiter?.resume()
    }
  }
}
