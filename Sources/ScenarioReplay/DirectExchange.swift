package import AWSAccess
package import AWSWire
import Determinism
package import EC2Simulator
package import Governance
import Synchronization

/// Hands calls to the simulator as values: no HTTP, no signature, no XML. Budgets, retries, sessions, pagination on
/// Reeve's side and credentials, permissions, faults, limits on the simulator's are as they are over a wire.
final class DirectExchange: Exchange {
  private let simulator: Simulator
  private let clock: any WorldClock
  private let transcript: Transcript
  private let timeout: Duration
  private let latency: InProcessTransport.Latency
  private let generator: Mutex<SeededGenerator>
  private let watcher: (any CallWatcher)?

  init(
    simulator: Simulator, clock: any WorldClock, transcript: Transcript, timeout: Duration,
    latency: InProcessTransport.Latency, watcher: (any CallWatcher)?
  ) {
    self.simulator = simulator
    self.clock = clock
    self.transcript = transcript
    self.timeout = timeout
    self.latency = latency
    self.watcher = watcher
    generator = Mutex(SeededGenerator(seed: latency.seed, stream: "latency"))
  }

  func prepare(_ call: APICall, in region: String) throws(FailureReason) -> PreparedCall {
    let operation = try call.modelledOperation()
    do {
      try ClientCodec.check(call.parameters, of: operation)
    } catch {
      throw FailureReason(
        kind: .configuration, code: "InvalidParameters",
        message: "\(call.service):\(call.operation): \(error.description)")
    }
    return PreparedCall(pagination: operation.pagination) { (credentials, sent) async throws(CallFailure) in
      try await self.send(
        DirectCall(
          service: call.service, operation: call.operation, region: region, parameters: call.parameters,
          credentials: credentials), operation, sent: sent)
    }
  }

  private func send(_ call: DirectCall, _ operation: Operation, sent: Timestamp) async throws(CallFailure) -> Document {
    let result: Result<Document, CallFailure>
    do throws(CallFailure) {
      result = .success(try await exchange(call, operation))
    } catch {
      result = .failure(error)
    }
    transcript.write(Transcript.Call(call, sent: sent, answered: clock.now, result: result))
    return try result.get()
  }

  private func exchange(_ call: DirectCall, _ operation: Operation) async throws(CallFailure) -> Document {
    let delay = generator.withLock { generator in
      let span = (latency.range.upperBound - latency.range.lowerBound).nanoseconds
      return latency.range.lowerBound + .nanoseconds(Int64(Double(span) * generator.unit()))
    }
    let passage = simulator.passage(of: call)
    try await wait(delay)
    if passage.delay > .zero { try await wait(passage.delay) }
    if let answer = passage.answer { return try operation.answer(in: answer) }
    if let loss = passage.loss {
      if loss.isHandled { _ = try await handle(call, passage) }
      switch loss {
      case .reset: throw .transport(TransportError(kind: .reset, message: "the connection was reset"))
      case .timedOut:
        // Whoever waits in vain waits to the end.
        try await wait(timeout)
        throw timedOut
      }
    }
    let result = try await handle(call, passage)
    guard passage.damage == nil else {
      throw .malformed(status: 200, reason: "the answer was damaged on its way")
    }
    switch result {
    case .success(let answer): return answer
    case .failure(let error): throw .service(error)
    }
  }

  private func handle(_ call: DirectCall, _ passage: Passage) async throws(CallFailure)
    -> Result<Document, ServiceError>
  {
    try await watcher?.willHandle(call)
    let result = simulator.perform(call, passage)
    try await watcher?.didHandle(call, result)
    return result
  }

  private var timedOut: CallFailure {
    .transport(TransportError(kind: .timedOut, message: "no answer within \(timeout.brief)"))
  }

  private func wait(_ delay: Duration) async throws(CallFailure) {
    do {
      try await clock.sleep(for: min(delay, timeout))
    } catch {
      throw .transport(TransportError(kind: .cancelled, message: "the call was cancelled"))
    }
    if delay > timeout { throw timedOut }
  }
}

/// Is told of each of Reeve's calls at the instant at which AWS handles it. Throws to end the replay.
package protocol CallWatcher: Sendable {
  func willHandle(_ call: DirectCall) async throws(CallFailure)
  func didHandle(_ call: DirectCall, _ result: Result<Document, ServiceError>) async throws(CallFailure)
}
