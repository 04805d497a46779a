import Determinism
import Dispatch
import Glibc
import Synchronization

package struct ThreadStartFailure: Error, Sendable, CustomStringConvertible {
  package var name: String
  package var error: Int32
  package var description: String {
    "the thread \(name) cannot be started: \(unsafe String(cString: strerror(error))); raise the limit of threads"
  }
}

/// Threads that are not the concurrency runtime's, for code that blocks.
enum PermanentThread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadStartFailure) {
    let box = unsafe Unmanaged.passRetained(Body(body))
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, nil,
      { argument in
        if let argument = unsafe argument { unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    guard result == 0 else {
      unsafe box.release()
      throw ThreadStartFailure(name: name, error: result)
    }
    pthread_detach(thread)
  }
}

/// A lane on a thread of its own: what it is given runs there, one after the other. The live lane of a plugin.
package final class ThreadLane: Lane {
  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var isStopped = false
  }

  private final class Shared: Sendable {
    let state = Mutex(State())
    let changed = DispatchSemaphore(value: 0)
  }

  private let shared = Shared()

  package init(name: String) throws(ThreadStartFailure) {
    let shared = shared
    try PermanentThread.start(name: name) {
      while true {
        shared.changed.wait()
        let (jobs, isStopped) = shared.state.withLock { state in
          defer { state.jobs = [] }
          return (state.jobs, state.isStopped)
        }
        for job in jobs { job() }
        if isStopped { return }
      }
    }
  }

  deinit {
    shared.state.withLock { $0.isStopped = true }
    shared.changed.signal()
  }

  package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      shared.state.withLock { $0.jobs.append { continuation.resume(with: Result { try body() }) } }
      shared.changed.signal()
    }
  }
}
