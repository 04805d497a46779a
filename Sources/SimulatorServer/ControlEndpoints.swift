package import AWSWire
package import EC2Simulator
package import Governance

/// `/_simulator/…`: the simulator's own clock, world and record, beside what AWS has.
package struct ControlEndpoints: Sendable {
  package static let prefix = "/_simulator/"

  private let simulator: Simulator
  /// How a document is printed for a person or a program that reads a world.
  private let render: @Sendable (Document) -> String
  /// nil: whoever reaches it may use it, which is right on loopback.
  private let token: String?

  package init(simulator: Simulator, token: String?, render: @escaping @Sendable (Document) -> String) {
    self.simulator = simulator
    self.token = token
    self.render = render
  }

  /// nil: none of these paths.
  package func respond(to request: HTTPRequest) -> HTTPResponse? {
    guard request.path.hasPrefix(Self.prefix) else { return nil }
    if let token, request.headers["Authorization"] != "Bearer \(token)" {
      return error(401, "the control endpoints need the header Authorization: Bearer TOKEN with the token of --token")
    }
    let name = request.path.dropFirst(Self.prefix.count)
    switch (request.method, name) {
    case ("GET", "health"): return json(["status": "ok", "operations": Document(OperationTable.names.count)])
    case ("GET", "clock"): return clock
    case ("POST", "clock"): return advance(request.body)
    case ("POST", "reset"):
      simulator.reset()
      return clock
    case ("GET", "world"): return text(render(simulator.worldDump()))
    case ("GET", "calls"): return json(simulator.calls.document)
    case (_, "health"), (_, "clock"), (_, "reset"), (_, "world"), (_, "calls"):
      return error(405, "\(request.method) \(request.path): expected \(name == "reset" ? "POST" : "GET")")
    default:
      return error(404, "\(request.path): there are health, clock, reset, world and calls under \(Self.prefix)")
    }
  }

  private var clock: HTTPResponse { json(["now": Document(simulator.now.iso8601Milliseconds)]) }

  private func advance(_ body: [UInt8]) -> HTTPResponse {
    let request: Document
    do {
      request = try Document(json: body)
    } catch {
      return self.error(400, "\(error.reason); expected {\"advance\": \"15m\"}")
    }
    guard let text = request["advance"]?.string, request.count == 1 else {
      return error(400, "expected {\"advance\": \"15m\"}, found \(String(request.json.prefix(80)))")
    }
    guard let duration = Duration(text: text) else {
      return error(400, "\"\(text.prefix(40))\" is no duration; expected for example 90s, 15m, 36h or 7d")
    }
    simulator.advance(by: duration)
    return clock
  }

  private func json(_ document: Document, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: HTTPHeaders([("Content-Type", "application/json")]),
      body: Array((document.json + "\n").utf8))
  }

  private func text(_ text: String) -> HTTPResponse {
    HTTPResponse(
      status: 200, headers: HTTPHeaders([("Content-Type", "text/plain;charset=UTF-8")]), body: Array(text.utf8))
  }

  private func error(_ status: Int, _ message: String) -> HTTPResponse {
    json(["error": Document(message)], status: status)
  }
}
