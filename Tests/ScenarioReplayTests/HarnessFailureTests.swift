import AWSWire
import Determinism
import Dispatch
import EC2Simulator
import Governance
import Synchronization
import Testing

@testable import ScenarioReplay

/// What goes wrong with the replay itself is a failure of the scenario, with its seed.
struct HarnessFailureTests {
  private func failure(network: @escaping Replay.Network, timeline: String) throws -> String {
    let text = """
      title: t
      world:
        regions: [us-east-1]
        organization: { management: "100000000001" }
        accounts: [{ id: "100000000001", name: management }]
      timeline:
      \(timeline)
      expect: { findings: [] }
      """
    let scenario = try Scenario.parse(Array(text.utf8), file: "s.yaml", files: { _ in nil })
    let runner = ScenarioRunner(.init(scheduleSeed: 77, catalog: ShippedPlugins.host, network: network))
    let result = runner.run(scenario)
    #expect(!result.passed)
    return ScenarioText.failures(result, path: "s.yaml")
  }

  @Test("a port that never answers under a lease that is renewed for ever ends the replay with its seed")
  func silence() throws {
    let text = try failure(network: { _, executor, _ in Silent(executor: executor) }, timeline: "- sweep: {}")
    #expect(text.contains("the replay itself failed"))
    #expect(text.contains("schedule seed 77"))
    #expect(text.contains("waiting: the network"))
    #expect(text.contains("reeve scenario run s.yaml --seed 77"))
  }

  @Test("a port that never answers and nothing else to do is a deadlock")
  func deadlock() throws {
    let text = try failure(network: { _, executor, _ in Silent(executor: executor) }, timeline: "- plan: {}")
    #expect(text.contains("deadlock at 2026-11-23T10:00:00Z (schedule seed 77)"))
    #expect(text.contains("waiting: the network"))
  }

  @Test("work that escapes to another thread fails the replay with its seed")
  func escape() throws {
    let text = try failure(network: { simulator, _, _ in Escaping(simulator: simulator) }, timeline: "- sweep: {}")
    #expect(text.contains("work arrived from a thread that is not the replay's (schedule seed 77)"))
  }
}

private final class Silent: HTTPTransport {
  private let executor: VirtualTimeExecutor
  private let kept = Mutex<[CheckedContinuation<HTTPResponse, Never>]>([])

  init(executor: VirtualTimeExecutor) { self.executor = executor }

  func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
    await executor.waiting(for: "the network") {
      await withCheckedContinuation { continuation in kept.withLock { $0.append(continuation) } }
    }
  }
}

/// Hands its answer over from another thread, once the work that asked for it waits.
private struct Escaping: HTTPTransport {
  let simulator: Simulator

  /// Two threads, each waiting for the other.
  private final class Meeting: Sendable {
    let suspended = DispatchSemaphore(value: 0)
    let answered = DispatchSemaphore(value: 0)

    /// Keeps the replay's thread until the other one has answered.
    func hold() {
      suspended.signal()
      answered.wait()
    }

    func answer(_ body: () -> Void) {
      suspended.wait()
      body()
      answered.signal()
    }
  }

  func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
    let meeting = Meeting()
    // Runs on the replay's one thread, and so not before the continuation below has suspended.
    async let held: Void = meeting.hold()
    let response = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        meeting.answer { continuation.resume(returning: simulator.respond(to: request)) }
      }
    }
    await held
    return response
  }
}
