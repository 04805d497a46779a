import AWSWire
import Determinism
import EC2Simulator
import Governance
import Testing

@testable import SimulatorServer

@Suite struct ControlEndpointTests {
  private let simulator: Simulator
  private let endpoints: ControlEndpoints

  init() {
    let world = World.fresh(
      managementAccount: "123456789012", seed: 1, start: SimulatorServerTests.start,
      joined: SimulatorServerTests.start)
    simulator = Simulator(world: world, seed: 1, clock: FixedClock(SimulatorServerTests.start)) {
      SimulatorServerTests.start
    }
    endpoints = ControlEndpoints(simulator: simulator, token: nil, language: .json)
  }

  private func answer(_ method: String, _ name: String, _ body: String = "", on other: ControlEndpoints? = nil)
    throws -> HTTPResponse
  {
    let parts = name.split(separator: "?").map(String.init)
    return try #require(
      (other ?? endpoints).respond(
        to: HTTPRequest(
          method: method, scheme: "http", authority: "x", path: "/_simulator/" + parts[0],
          query: parts.count > 1 ? parts[1] : "", body: Array(body.utf8))))
  }

  @Test("The clock is read, advanced and reset")
  func clock() throws {
    #expect(
      String(decoding: try answer("GET", "clock").body, as: UTF8.self) == "{\"now\":\"2026-11-23T09:00:00.000Z\"}\n")
    let advanced = try answer("POST", "clock", "{\"advance\": \"15m\"}")
    #expect(String(decoding: advanced.body, as: UTF8.self) == "{\"now\":\"2026-11-23T09:15:00.000Z\"}\n")
    #expect(simulator.now == SimulatorServerTests.start + .seconds(900))
    _ = try answer("POST", "reset")
    #expect(simulator.now == SimulatorServerTests.start)
  }

  @Test(
    "What it does not understand is told with what it expects",
    arguments: [
      ("POST", "clock", "", 400), ("POST", "clock", "{\"advance\": \"soon\"}", 400), ("POST", "clock", "[]", 400),
      ("POST", "clock", "{\"advance\": \"1m\", \"set\": 1}", 400), ("GET", "reset", "", 405),
      ("POST", "clock", "{\"set\": \"soon\"}", 400),
      ("PUT", "faults", "[{\"fault\": \"throtling\"}]", 400), ("PUT", "world", "{\"regoins\": []}", 400),
      ("GET", "calls?colour=red", "", 400), ("GET", "calls?limit=many", "", 400), ("POST", "faults", "", 405),
      ("DELETE", "world", "", 405),
      ("GET", "nothing", "", 404),
    ])
  func refusals(method: String, name: String, body: String, status: Int) throws {
    let response = try answer(method, name, body)
    #expect(response.status == status)
    #expect(try Document(json: response.body)["error"]?.string?.isEmpty == false)
  }

  @Test("The world is given as the simulator dumps it, the record as it counts")
  func documents() throws {
    #expect(try Document(json: try answer("GET", "world").body) == simulator.worldDump())
    #expect(try Document(json: try answer("GET", "calls").body)["total"] == 0)
    #expect(try Document(json: try answer("GET", "health").body)["status"] == "ok")
    #expect(endpoints.respond(to: HTTPRequest(scheme: "http", authority: "x", path: "/")) == nil)
  }

  @Test("With a token, the control endpoints are for who has it")
  func token() throws {
    let guarded = ControlEndpoints(simulator: simulator, token: "abc", language: .json)
    #expect(try answer("POST", "reset", on: guarded).status == 401)
    let request = HTTPRequest(
      method: "GET", scheme: "http", authority: "x", path: "/_simulator/clock",
      headers: HTTPHeaders([("Authorization", "Bearer abc")]))
    #expect(guarded.respond(to: request)?.status == 200)
  }

  @Test("The clock is set, forward and back; a reset goes back to where it began")
  func setClock() throws {
    for time in ["2027-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"] {
      let answer = try answer("PUT", "clock", "{\"set\": \"\(time)\"}")
      #expect(try Document(json: answer.body)["now"]?.string == time)
      #expect(simulator.now.iso8601Milliseconds == time)
    }
    _ = try answer("POST", "reset")
    #expect(simulator.now == SimulatorServerTests.start)
  }

  @Test("Faults are put, shown and cleared; a refused list leaves those that were")
  func faults() throws {
    let rules = "[{\"fault\": \"throttling\", \"operation\": \"ec2:Describe*\", \"nth\": 2}]"
    let put = try Document(json: try answer("PUT", "faults", rules).body)
    #expect(put.at(path: "faults.0.operation") == "Describe*")
    #expect(simulator.faults.count == 1)
    let refused = try Document(json: try answer("PUT", "faults", "[{\"fault\": \"latency\"}, {}]").body)
    #expect(refused["problems"]?.count == 2)
    #expect(try Document(json: try answer("GET", "faults").body) == put)
    #expect(try Document(json: try answer("DELETE", "faults").body)["faults"]?.count == 0)
    #expect(simulator.faults.isEmpty)
  }

  @Test("A dumped world loads again to the same world, and is what a reset goes back to")
  func loading() throws {
    let dump = try answer("GET", "world").body
    let other = World.fresh(
      managementAccount: "210987654321", seed: 7, start: Timestamp(seconds: 1_700_000_000),
      joined: SimulatorServerTests.start)
    let text = other.dump(at: SimulatorServerTests.start).json
    #expect(try answer("PUT", "world", text).status == 200)
    #expect(simulator.now == Timestamp(seconds: 1_700_000_000))
    #expect(simulator.world.accountIDs == ["210987654321"])
    simulator.advance(by: .seconds(60))
    _ = try answer("POST", "reset")
    #expect(simulator.now == Timestamp(seconds: 1_700_000_000))
    #expect(try Document(json: try answer("GET", "world").body) == Document(json: Array(text.utf8)))
    #expect(try answer("PUT", "world", String(decoding: dump, as: UTF8.self)).status == 200)
    #expect(try answer("GET", "world").body == dump)
  }

  @Test("The record is asked by who, what, where and when")
  func calls() throws {
    let credentials = try #require(simulator.ambientCredentials)
    func call(_ operation: String, _ parameters: Document, _ region: String) {
      _ = simulator.perform(
        DirectCall(
          service: "ec2", operation: operation, region: region, parameters: parameters, credentials: credentials))
    }
    call("DescribeRegions", [:], "us-east-1")
    call("DescribeImages", ["ImageIds": ["ami-0123456789abcdef0"]], "us-east-1")
    call("DescribeImages", ["Owners": ["self"]], "eu-west-1")
    call("Nonsense", [:], "us-east-1")
    func events(_ query: String) throws -> [String] {
      let answer = try Document(json: try answer("GET", "calls?" + query).body)
      return answer["events"]?.elements.compactMap { $0["operation"]?.string } ?? []
    }
    #expect(try events("limit=100") == ["Nonsense", "DescribeImages", "DescribeImages", "DescribeRegions"])
    #expect(try events("operation=ec2:DescribeImages&region=eu-west-1") == ["DescribeImages"])
    #expect(try events("result=InvalidAction") == ["Nonsense"])
    #expect(try events("resource=ami-0123456789abcdef0") == ["DescribeImages"])
    #expect(try events("limit=2") == ["Nonsense", "DescribeImages"])
    #expect(try events("since=2030-01-01T00:00:00Z").isEmpty)
    #expect(try events("until=2030-01-01T00:00:00Z").count == 4)
    let counted = try Document(json: try answer("GET", "calls?operation=DescribeImages").body)
    #expect(counted["calls"]?.count == 2)
    #expect(counted["unsupported"] == ["ec2:Nonsense": 1])
    let event = try Document(json: try answer("GET", "calls?limit=1").body).at(path: "events.0")
    #expect(event?["caller"] == "arn:aws:iam::123456789012:user/admin")
  }
}

extension ControlEndpoints.Language {
  /// Worlds and faults in JSON, read without places.
  static let json = Self(
    read: { bytes, file in SourceValue(try Document(json: bytes), file: file) }, write: { $0.json })
}

extension SourceValue {
  fileprivate init(_ document: Document, file: String) {
    let location = Location(file: file, line: 1, column: 1)
    let content: Content =
      switch document.kind {
      case .null: .null
      case .boolean: .bool(document.bool ?? false)
      case .integer: .integer(document.int ?? 0)
      case .real: .real(document.real ?? 0)
      case .string: .string(document.string ?? "")
      case .array: .sequence(document.elements.map { SourceValue($0, file: file) })
      case .object:
        .mapping(
          document.entries.map { entry in
            (
              SourceValue(content: .string(entry.name), location: location, text: entry.name),
              SourceValue(entry.value, file: file)
            )
          })
      }
    let isScalar = ![.null, .array, .object].contains(document.kind)
    self.init(content: content, location: location, text: isScalar ? document.string ?? document.json : "")
  }
}
