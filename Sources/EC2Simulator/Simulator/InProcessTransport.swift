package import AWSWire
package import Determinism
import Governance
import Synchronization

/// Reaches the simulator without a socket. For replays, for `--world`, and for tests that need faults.
package final class InProcessTransport: HTTPTransport {
  /// Drawn for each request between the bounds, from the seed.
  package struct Latency: Sendable {
    package var seed: UInt64
    package var range: ClosedRange<Duration>

    package init(seed: UInt64, range: ClosedRange<Duration>) {
      self.seed = seed
      self.range = range
    }
  }

  /// The request and its number, from 0, in the order of arrival.
  package typealias FaultHook = @Sendable (_ request: HTTPRequest, _ index: Int) -> Fault?

  private let simulator: Simulator
  private let clock: any WorldClock
  private let latency: Latency?
  private let fault: FaultHook?
  private let state: Mutex<(index: Int, generator: SeededGenerator)>

  package init(simulator: Simulator, clock: any WorldClock, latency: Latency? = nil, fault: FaultHook? = nil) {
    self.simulator = simulator
    self.clock = clock
    self.latency = latency
    self.fault = fault
    state = Mutex((0, SeededGenerator(seed: latency?.seed ?? 0, stream: "latency")))
  }

  package func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
    let (index, delay) = draw()
    let hooked = fault?(request, index).map { Passage($0) }
    if let delay { try await wait(delay, timeout: timeout, request) }
    let passage = hooked ?? simulator.passage(of: request)
    if passage.delay > .zero { try await wait(passage.delay, timeout: timeout, request) }
    if let answer = passage.answer { return answer }
    if let loss = passage.loss {
      if loss.isHandled { _ = simulator.respond(to: request, passage) }
      // Whoever waits in vain waits to the end.
      if case .timedOut = loss { try await wait(timeout, timeout: timeout, request) }
      throw lost(loss, request, timeout)
    }
    var response = simulator.respond(to: request, passage)
    if let damage = passage.damage { response.body = damage.applied(to: response.body) }
    return response
  }

  private func lost(_ loss: Passage.Loss, _ request: HTTPRequest, _ timeout: Duration) -> TransportError {
    switch loss {
    case .reset: TransportError(kind: .reset, message: "\(request.authority): the connection was reset")
    case .timedOut:
      TransportError(kind: .timedOut, message: "\(request.authority): no answer within \(timeout.brief)")
    }
  }

  private func draw() -> (index: Int, delay: Duration?) {
    state.withLock { state in
      defer { state.index += 1 }
      guard let latency else { return (state.index, nil) }
      let span = (latency.range.upperBound - latency.range.lowerBound).nanoseconds
      let part = Int64(Double(span) * state.generator.unit())
      return (state.index, latency.range.lowerBound + .nanoseconds(part))
    }
  }

  private func wait(_ delay: Duration, timeout: Duration, _ request: HTTPRequest) async throws(TransportError) {
    do {
      try await clock.sleep(for: min(delay, timeout))
    } catch {
      throw TransportError(kind: .cancelled, message: "\(request.authority): the call was cancelled")
    }
    if delay > timeout {
      throw TransportError(kind: .timedOut, message: "\(request.authority): no answer within \(timeout.brief)")
    }
  }
}
