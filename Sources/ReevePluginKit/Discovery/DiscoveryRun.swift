import CReevePlugin
import Synchronization

/// One scope's discovery, from begin to end: the author's straight-line code on one side, the host's calls on the other.
///
/// Invariants:
/// 1. The author's code runs only inside of `begin`, `resume` and `end`, on the thread of that call.
/// 2. State changes under the lock; continuations are resumed after it is released.
/// 3. A request is pending from `ask` until its last response was taken, or it was given up and its last response came.
/// 4. Nothing leaves for the host before the author's code has come to rest.
final class DiscoveryRun: Sendable {
  let queue = RunQueue()
  private let state = Mutex(RunState())

  private static let escaped = """
    discover awaits something that the run cannot see: it may await aws.call, aws.pages and its own child tasks (task \
    groups, async let), but no Task {}, Task.detached, Task.sleep or main actor
    """
  /// How many calls a cancelled author may try before its code is left where it is.
  private static let refusalLimit = 1_000
  /// How many jobs of a cancelled author are run before its code is left where it is.
  private static let endingLimit = 100_000

  // MARK: The host's calls

  func begin(_ discovery: any Discovery, _ scope: Scope, _ call: Call) -> Int32 {
    step(call) {
      // Detached: the host's task locals and priority are none of the plugin's business.
      let task = Task.detached(executorPreference: queue) { [self] in
        let outcome: Result<Void, any Error>
        do {
          try await discovery.discover(scope, aws: AWS(run: self))
          outcome = .success(())
        } catch {
          outcome = .failure(error)
        }
        state.withLock { $0.outcome = outcome }
      }
      state.withLock { $0.task = task }
      return nil
    }
  }

  func resume(_ responses: SpanReader<reeve_response>, _ call: Call) -> Int32 {
    step(call) {
      for index in unsafe 0..<responses.count {
        let response = unsafe responses.element(index)
        guard unsafe deliver(response) else {
          return unsafe "a response came for request \(response.pointee.request_id), which was never made"
        }
      }
      return nil
    }
  }

  /// Cancels what is left and lets it run out, within bounds: an author's loop may swallow the cancellation.
  func end() {
    queue.enter()
    let task = state.withLock { state in
      state.isEnded = true
      return state.task
    }
    task?.cancel()
    var left = Self.endingLimit
    while left > 0, queue.runOne() { left -= 1 }
    queue.leave()
  }

  /// `deliver` returns what is wrong with what the host handed over.
  private func step(_ call: Call, _ deliver: () -> String?) -> Int32 {
    queue.enter()
    defer { queue.leave() }
    state.withLock { $0.now = call.now }
    if let fault = deliver() { return failed(call.fail(REEVE_ERROR_BAD_DATA, fault)) }
    var isCancelled = call.isCancelled
    while !isCancelled, queue.runOne() { isCancelled = call.isCancelled }
    for line in state.withLock({ state in
      defer { state.lines = [] }
      return state.lines
    }) {
      call.log(line.level, line.message)
    }
    if isCancelled { return failed(call.cancelled()) }
    if queue.hasForeignWork { return failed(call.fail(REEVE_ERROR_INTERNAL, Self.escaped)) }
    return settle(call)
  }

  private func failed(_ status: reeve_status) -> Int32 { REEVE_RUN_FAILED }

  private func settle(_ call: Call) -> Int32 {
    let (outcome, outstanding) = state.withLock { ($0.outcome, $0.outstanding) }
    if case .failure(let error) = outcome {
      let status = (error as? AWSError)?.kind.status ?? REEVE_ERROR_INTERNAL
      return failed(call.fail(status, "\(error)"))
    }
    if outcome == nil, outstanding == 0 { return failed(call.fail(REEVE_ERROR_INTERNAL, Self.escaped)) }
    let status = flush(call, requestsToo: outcome == nil)
    guard status == REEVE_OK else {
      return failed(call.fail(status, "the host did not take what the discovery emitted"))
    }
    return outcome == nil ? REEVE_RUN_MORE : REEVE_RUN_DONE
  }

  private func flush(_ call: Call, requestsToo: Bool) -> reeve_status {
    let (resources, requests) = state.withLock { state in
      let taken = (state.resources, requestsToo ? state.requests : [])
      for request in state.requests { state.pending[request.id]?.isSent = true }
      state.resources = []
      state.requests = []
      return taken
    }
    let arena = Arena()
    return withExtendedLifetime(arena) {
      let status = unsafe call.emit(REEVE_EMIT_RESOURCE, resources.map { unsafe $0.raw(arena) })
      guard status == REEVE_OK else { return status }
      return unsafe call.emit(
        REEVE_EMIT_REQUEST,
        requests.map { request in
          unsafe reeve_request(
            struct_size: UInt32(MemoryLayout<reeve_request>.size), id: request.id, flags: request.flags, reserved: 0,
            service: arena.string(request.service), operation: arena.string(request.operation),
            parameters: arena.document(request.parameters))
        })
    }
  }

  /// false: there is no such request.
  private func deliver(_ raw: UnsafePointer<reeve_response>) -> Bool {
    let id = unsafe raw.pointee.request_id
    let asked: (service: String, operation: String)?
    let isKnown: Bool
    (asked, isKnown) = state.withLock { state in
      let pending = state.pending[id]
      return (pending.map { ($0.service, $0.operation) }, id < state.nextID)
    }
    guard let asked else { return isKnown }
    let answer = unsafe RunAnswer(raw, service: asked.service, operation: asked.operation)
    let isLast = unsafe raw.pointee.last_page != 0
    let waiter = state.withLock { state in state.take(answer, of: id, isLast: isLast) }
    waiter?.continuation.resume(returning: waiter?.answer ?? answer)
    return true
  }

  // MARK: The author's calls

  var now: Time { state.withLock { $0.now } }

  func emit(_ resource: DiscoveredResource) {
    guard isOnOwnThread() else { return }
    state.withLock { $0.resources.append(resource) }
  }

  func log(_ level: Int32, _ message: String) {
    guard isOnOwnThread() else { return }
    state.withLock { $0.lines.append((level, message)) }
  }

  nonisolated(nonsending) func ask(
    _ service: String, _ operation: String, _ parameters: Document, flags: UInt32
  ) async throws(AWSError) -> UInt32 {
    let isStray = !isOnOwnThread()
    let isCancelled = Task.isCancelled
    let id: UInt32? = state.withLock { state -> UInt32? in
      guard !isStray, !isCancelled, !state.isEnded else { return nil }
      return state.register(service, operation, parameters, flags: flags)
    }
    if let id { return id }
    // A loop that swallows the cancellation would spin for ever: after many refusals it is left waiting for good.
    if isLeftWaiting() { await withCheckedContinuation { parked in state.withLock { $0.parked.append(parked) } } }
    throw .cancelled(service, operation)
  }

  nonisolated(nonsending) func answer(to id: UInt32) async -> RunAnswer {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard let answer = state.withLock({ $0.wait(for: id, continuation) }) else { return }
        continuation.resume(returning: answer)
      }
    } onCancel: {
      abandon(id)
    }
  }

  /// Nobody waits for this request any more: who does gets a cancellation, and what still comes is dropped.
  func abandon(_ id: UInt32) {
    guard let (waiter, error) = state.withLock({ $0.giveUp(id) }) else { return }
    waiter.resume(returning: .failure(error))
  }

  private func isOnOwnThread() -> Bool {
    if queue.isOwnThread { return true }
    queue.noteForeignWork()
    return false
  }

  private func isLeftWaiting() -> Bool {
    state.withLock { state in
      state.refusals += 1
      return state.refusals > Self.refusalLimit
    }
  }
}
