import CMicroHTTPD
import Dispatch
import Synchronization

/// Connections that wait before they are answered: a fault delays them. The library's threads serve others meanwhile.
///
/// Invariants:
/// 1. A connection that is parked is taken on exactly once: by its timer, or by the end of the server.
/// 2. Nothing is parked once the server ends.
final class ParkedConnections: Sendable {
  @safe private struct Connection: @unchecked Sendable {
    var pointer: OpaquePointer
  }

  private struct State {
    var parked: [Int: Connection] = [:]
    var number = 0
    var hasEnded = false
  }

  private let state = Mutex(State())

  /// False: the server ends, and nobody waits any more.
  func park(_ connection: OpaquePointer, for duration: Duration) -> Bool {
    let number: Int? = state.withLock { state in
      guard !state.hasEnded else { return nil }
      unsafe MHD_suspend_connection(connection)
      state.number += 1
      state.parked[state.number] = unsafe Connection(pointer: connection)
      return state.number
    }
    guard let number else { return false }
    let (seconds, attoseconds) = duration.components
    let wait = DispatchTimeInterval.nanoseconds(
      Int(min(seconds, 86_400) * 1_000_000_000 + attoseconds / 1_000_000_000))
    DispatchQueue.global().asyncAfter(deadline: .now() + wait) { [self] in takeOn(number) }
    return true
  }

  private func takeOn(_ number: Int) {
    state.withLock { state in
      // Under the lock: the server must not end between.
      guard let connection = state.parked.removeValue(forKey: number) else { return }
      unsafe MHD_resume_connection(connection.pointer)
    }
  }

  /// Before the library is told to stop: it wants no connection suspended then.
  func end() {
    state.withLock { state in
      state.hasEnded = true
      for connection in state.parked.values { unsafe MHD_resume_connection(connection.pointer) }
      state.parked = [:]
    }
  }
}
