import AWSAccess
import AWSWire
import Configuration
import Determinism
import Dispatch
import EC2Simulator
import Governance
import ScenarioReplay
import SimulatorServer
import Synchronization

/// A replay's world behind HTTP on loopback, reached with libcurl.
///
/// A call blocks the replay's one thread until its answer is there: over a real network the order of events, and the
/// virtual clock, stay those of the schedule's seed.
final class ReplayServer: HTTPTransport {
  private let server: SimulatorServer
  private let curl: CurlTransport
  private let authority: String
  private let clock: VirtualTimeExecutor
  private let latency: Mutex<(generator: SeededGenerator, range: ClosedRange<Duration>)>

  static let network: Replay.Network = { simulator, executor, seed in
    try ReplayServer(simulator, clock: executor, latency: Replay.latency(seed))
  }

  private init(_ simulator: Simulator, clock: VirtualTimeExecutor, latency: InProcessTransport.Latency) throws {
    server = SimulatorServer(
      simulator: simulator, settings: .init(port: 0),
      language: .init(read: { try YAML.parse($0, file: $1) }, write: { YAML.write($0) }))
    curl = try CurlTransport(
      settings: .standard(certificateAuthorities: nil, proxies: .none, userAgent: "reeve/\(Reeve.version)"))
    authority = "127.0.0.1:\(try server.start())"
    self.clock = clock
    self.latency = Mutex((SeededGenerator(seed: latency.seed, stream: "latency"), latency.range))
  }

  deinit { server.stop() }

  func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
    let delay = latency.withLock { latency in
      let span = (latency.range.upperBound - latency.range.lowerBound).nanoseconds
      return latency.range.lowerBound + .nanoseconds(Int64(Double(span) * latency.generator.unit()))
    }
    do {
      try await clock.sleep(for: delay)
    } catch {
      throw TransportError(kind: .cancelled, message: "\(request.authority): the call was cancelled")
    }
    var request = request
    // Signed for AWS's host, which stays in the Host header; only the connection goes elsewhere.
    request.scheme = "http"
    request.authority = authority
    return try exchange(request, timeout: timeout).get()
  }

  private func exchange(_ request: HTTPRequest, timeout: Duration) -> Result<HTTPResponse, TransportError> {
    let box = Box()
    let done = DispatchSemaphore(value: 0)
    // The one bare task here: libcurl's continuation must not be resumed on the replay's executor.
    Task.detached { [curl] in
      do throws(TransportError) {
        box.fill(.success(try await curl.send(request, timeout: timeout)))
      } catch {
        box.fill(.failure(error))
      }
      done.signal()
    }
    done.wait()
    return box.value ?? .failure(TransportError(kind: .cancelled, message: "no answer was handed over"))
  }
}

/// Where another thread leaves an answer.
private final class Box: Sendable {
  private let content = Mutex<Result<HTTPResponse, TransportError>?>(nil)

  var value: Result<HTTPResponse, TransportError>? { content.withLock { $0 } }
  func fill(_ value: Result<HTTPResponse, TransportError>) { content.withLock { $0 = value } }
}
