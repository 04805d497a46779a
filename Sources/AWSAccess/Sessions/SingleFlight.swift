import Governance
import Synchronization

/// Lets one caller do a piece of work while the others who want it wait for its result.
///
/// Invariants:
/// 1. Whoever comes while nobody works becomes the leader and works in its own task: no task is started.
/// 2. Every waiter is resumed exactly once: with the leader's outcome, or by its own cancellation.
/// 3. A leader that is cancelled takes nobody down: its waiters choose a new one.
final class SingleFlight<Value: Sendable>: Sendable {
  private enum Signal: Sendable {
    case finished(Result<Value, FailureReason>)
    case lookAgain
    case cancelled
  }

  private struct State {
    var isFlying = false
    var nextID = 0
    var waiters: [(id: Int, continuation: CheckedContinuation<Signal, Never>)] = []
    var cancelledEarly: Set<Int> = []
  }

  private let state = Mutex(State())

  func run(_ work: () async throws(FailureReason) -> Value) async throws(FailureReason) -> Value {
    while true {
      guard !Task.isCancelled else { throw .cancelled }
      let leads = state.withLock { state in
        defer { state.isFlying = true }
        return !state.isFlying
      }
      if leads { return try await lead(work) }
      switch await wait() {
      case .finished(let result): return try result.get()
      case .lookAgain: continue
      case .cancelled: throw .cancelled
      }
    }
  }

  private func lead(_ work: () async throws(FailureReason) -> Value) async throws(FailureReason) -> Value {
    do throws(FailureReason) {
      let value = try await work()
      land(.finished(.success(value)))
      return value
    } catch {
      land(error.kind == .cancelled ? .lookAgain : .finished(.failure(error)))
      throw error
    }
  }

  private func land(_ signal: Signal) {
    let waiters = state.withLock { state in
      defer { state.waiters = [] }
      state.isFlying = false
      return state.waiters
    }
    for waiter in waiters { waiter.continuation.resume(returning: signal) }
  }

  private func wait() async -> Signal {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let signal = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Signal, Never>) in
        let early: Signal? = state.withLock { state in
          if state.cancelledEarly.contains(id) { return .cancelled }
          // The leader has landed since: look at what it brought.
          guard state.isFlying else { return .lookAgain }
          state.waiters.append((id, continuation))
          return nil
        }
        if let early { continuation.resume(returning: early) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> CheckedContinuation<Signal, Never>? in
        guard let position = state.waiters.firstIndex(where: { $0.id == id }) else {
          state.cancelledEarly.insert(id)
          return nil
        }
        return state.waiters.remove(at: position).continuation
      }
      waiter?.resume(returning: .cancelled)
    }
    _ = state.withLock { $0.cancelledEarly.remove(id) }
    return signal
  }
}
