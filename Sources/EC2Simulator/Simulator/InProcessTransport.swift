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
    let fault = fault?(request, index)
    if let delay { try await wait(delay, timeout: timeout, request) }
    switch fault {
    case nil: return simulator.respond(to: request)
    case .answered(let response): return response
    case .delayed(let delay):
      try await wait(delay, timeout: timeout, request)
      return simulator.respond(to: request)
    case .reset(let handled):
      if handled { _ = simulator.respond(to: request) }
      throw TransportError(kind: .reset, message: "\(request.authority): the connection was reset")
    case .timedOut(let handled):
      if handled { _ = simulator.respond(to: request) }
      throw TransportError(kind: .timedOut, message: "\(request.authority): no answer within \(timeout.brief)")
    case .truncated(let length):
      var response = simulator.respond(to: request)
      response.body = Array(response.body.prefix(length))
      return response
    case .garbled:
      var response = simulator.respond(to: request)
      response.body = response.body.enumerated().map { $0.offset % 3 == 0 ? $0.element ^ 0xA5 : $0.element }
      return response
    case .some(let fault): return simulator.respond(to: request, with: fault)
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

extension Simulator {
  /// The answer of a service that fails: nothing is handled, and the call is on record with its failure.
  package func respond(to request: HTTPRequest, with fault: Fault) -> HTTPResponse {
    let claim: SignatureV4.Claim
    do {
      claim = try SignatureV4.claim(of: request)
    } catch {
      // Without a claim it is nobody's request: the refusal says so better than the fault would.
      return respond(to: request)
    }
    guard let model = OperationTable.model(claim.service), let error = fault.error(of: model) else {
      return respond(to: request)
    }
    var arrival = Arrival(model: model, operation: Self.operationName(request))
    arrival.region = claim.region
    arrival.accessKeyID = claim.accessKeyID
    let times = times
    let outcome = withState { [arrival] state in
      var arrival = arrival
      let authentication = Authentication(arrival: arrival, sessionToken: claim.sessionToken)
      arrival.caller = try? authentication.holder(in: state).caller
      return state.refuse(arrival, because: error, at: times)
    }
    guard case .failure(let refusal) = outcome.result else { preconditionFailure("a refusal refuses") }
    return ServerCodec.error(refusal, of: model)
  }
}
