import AWSWire
import Determinism
import Governance
import Testing

@testable import EC2Simulator

@Suite struct TransportTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var fault: Fault
    var service = "ec2"
    var status = 0
    var code = ""
    var transport: TransportError.Kind?
    var testDescription: String { "\(service) \(fault)" }
  }

  @Test(
    "A fault looks to the caller as it would with AWS",
    arguments: [
      Case(fault: .throttled, status: 503, code: "RequestLimitExceeded"),
      Case(fault: .throttled, service: "sts", status: 400, code: "Throttling"),
      Case(fault: .throttled, service: "organizations", status: 400, code: "TooManyRequestsException"),
      Case(fault: .serverError, status: 500, code: "InternalError"),
      Case(fault: .denied("because of a test"), status: 403, code: "UnauthorizedOperation"),
      Case(fault: .denied("because of a test"), service: "sts", status: 403, code: "AccessDenied"),
      Case(fault: .error(ServiceError(status: 400, code: "Odd", message: "m")), status: 400, code: "Odd"),
      Case(fault: .reset(handled: false), transport: .reset),
      Case(fault: .timedOut(handled: true), transport: .timedOut),
      Case(fault: .delayed(.seconds(90)), transport: .timedOut),
    ])
  func faults(_ example: Case) async throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let executor = VirtualTimeExecutor(seed: 1, start: SimulatorClient.start)
    let transport = InProcessTransport(simulator: client.simulator, clock: executor) { _, index in
      index == 0 ? example.fault : nil
    }
    let operation = ["ec2": "DescribeRegions", "sts": "GetCallerIdentity", "organizations": "ListRoots"]
    let request = try client.request(example.service, operation[example.service] ?? "")
    let outcomes = try executor.run {
      var outcomes: [Result<HTTPResponse, TransportError>] = []
      for _ in 0..<2 {
        do throws(TransportError) {
          outcomes.append(.success(try await transport.send(request, timeout: .seconds(60))))
        } catch {
          outcomes.append(.failure(error))
        }
      }
      return outcomes
    }
    switch outcomes[0] {
    case .failure(let error): #expect(error.kind == example.transport)
    case .success(let response):
      #expect(response.status == example.status)
      #expect(String(decoding: response.body, as: UTF8.self).contains(example.code))
      #expect(client.simulator.calls.count(result: example.code) == 1)
    }
    #expect(try outcomes[1].get().status == 200)
  }

  @Test("A truncated answer and a garbled one are other bytes than the true one")
  func bytes() async throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let faults: [Fault?] = [nil, .truncated(to: 30), .garbled]
    let transport = InProcessTransport(simulator: client.simulator, clock: FixedClock(SimulatorClient.start)) {
      faults[$1]
    }
    let request = try client.request("ec2", "DescribeRegions")
    var bodies: [[UInt8]] = []
    for _ in faults { bodies.append(try await transport.send(request, timeout: .seconds(1)).body) }
    #expect(bodies[1].count == 30)
    #expect(bodies[2].count == bodies[0].count)
    #expect(bodies[2] != bodies[0])
  }

  @Test("Latency is drawn from the seed and taken from the clock")
  func latency() throws {
    func end(_ seed: UInt64) throws -> Timestamp {
      let client = try SimulatorClient(yaml: neighbourhood)
      let executor = VirtualTimeExecutor(seed: 1, start: SimulatorClient.start)
      let transport = InProcessTransport(
        simulator: client.simulator, clock: executor,
        latency: .init(seed: seed, range: .milliseconds(5)...(.milliseconds(50))))
      let request = try client.request("ec2", "DescribeRegions")
      return try executor.run {
        for _ in 0..<10 { _ = try await transport.send(request, timeout: .seconds(1)) }
        return executor.now
      }
    }
    let first = try end(1)
    #expect(first == (try end(1)))
    #expect(first != (try end(2)))
    #expect((.milliseconds(50)...(.milliseconds(500))).contains(first - SimulatorClient.start))
  }

  @Test("A world that fixes its clock stands still; any other runs with the wall")
  func clocks() {
    let wall = FixedClock(Timestamp(seconds: 1_000))
    #expect(RunningWorldClock(start: nil, wall: wall).now == Timestamp(seconds: 1_000))
    #expect(RunningWorldClock(start: Timestamp(seconds: 5), wall: wall).now == Timestamp(seconds: 5))
  }
}
