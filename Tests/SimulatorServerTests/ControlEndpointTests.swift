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
    endpoints = ControlEndpoints(simulator: simulator, token: nil) { $0.prettyJSON }
  }

  private func answer(_ method: String, _ name: String, _ body: String = "", on other: ControlEndpoints? = nil)
    throws -> HTTPResponse
  {
    try #require(
      (other ?? endpoints).respond(
        to: HTTPRequest(
          method: method, scheme: "http", authority: "x", path: "/_simulator/" + name, body: Array(body.utf8))))
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
    let guarded = ControlEndpoints(simulator: simulator, token: "abc") { $0.json }
    #expect(try answer("POST", "reset", on: guarded).status == 401)
    let request = HTTPRequest(
      method: "GET", scheme: "http", authority: "x", path: "/_simulator/clock",
      headers: HTTPHeaders([("Authorization", "Bearer abc")]))
    #expect(guarded.respond(to: request)?.status == 200)
  }
}
