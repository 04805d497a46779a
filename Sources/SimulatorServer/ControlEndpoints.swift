package import AWSWire
package import EC2Simulator
package import Governance

/// `/_simulator/…`: the simulator's own clock, faults, world and record, beside what AWS has.
package struct ControlEndpoints: Sendable {
  package static let prefix = "/_simulator/"

  /// What worlds and faults are written in.
  package struct Language: Sendable {
    var read: @Sendable ([UInt8], String) throws -> SourceValue
    var write: @Sendable (Document) -> String

    package init(
      read: @escaping @Sendable ([UInt8], String) throws -> SourceValue, write: @escaping @Sendable (Document) -> String
    ) {
      self.read = read
      self.write = write
    }
  }

  private let simulator: Simulator
  private let language: Language
  /// nil: whoever reaches it may use it, which is right on loopback.
  private let token: String?

  package init(simulator: Simulator, token: String?, language: Language) {
    self.simulator = simulator
    self.token = token
    self.language = language
  }

  private typealias Answerer = (HTTPRequest) -> HTTPResponse

  private var endpoints: [(name: String, methods: [(method: String, answer: Answerer)])] {
    [
      ("calls", [("GET", calls)]),
      ("clock", [("GET", { _ in clock }), ("POST", moveClock), ("PUT", moveClock)]),
      ("faults", [("GET", { _ in faults }), ("PUT", setFaults), ("DELETE", clearFaults)]),
      ("health", [("GET", { _ in health })]),
      ("reset", [("POST", reset)]),
      ("world", [("GET", { _ in text(language.write(simulator.worldDump())) }), ("PUT", load)]),
    ]
  }

  /// nil: none of these paths.
  package func respond(to request: HTTPRequest) -> HTTPResponse? {
    guard request.path.hasPrefix(Self.prefix) else { return nil }
    if let token, !isAuthorized(request, token) {
      return error(
        401, "the control endpoints need the header Authorization: Bearer TOKEN, with the token of --token-file")
    }
    let name = String(request.path.dropFirst(Self.prefix.count))
    guard let endpoint = endpoints.first(where: { $0.name == name }) else {
      let hint = SourceReader.suggestion(for: name, among: endpoints.map(\.name))
      return error(404, "there is no \(Self.prefix)\(name.prefix(40)); \(hint)")
    }
    guard let found = endpoint.methods.first(where: { $0.method == request.method }) else {
      let methods = endpoint.methods.map(\.method).joined(separator: ", ")
      var refusal = error(405, "\(Self.prefix)\(name) takes \(methods), not \(request.method.prefix(20))")
      refusal.headers["Allow"] = methods
      return refusal
    }
    return found.answer(request)
  }

  private func isAuthorized(_ request: HTTPRequest, _ token: String) -> Bool {
    // The digests are of one length and say nothing of the token: comparing them tells no time either.
    Digest.sha256(Array((request.headers["Authorization"] ?? "").utf8)) == Digest.sha256(Array("Bearer \(token)".utf8))
  }

  private var health: HTTPResponse { json(["status": "ok", "operations": Document(OperationTable.names.count)]) }

  private func reset(_ request: HTTPRequest) -> HTTPResponse {
    simulator.reset()
    return clock
  }
}

// MARK: The clock

extension ControlEndpoints {
  private static let clockForms = "expected {\"advance\": \"15m\"} or {\"set\": \"2026-11-23T09:00:00Z\"}"

  private var clock: HTTPResponse { json(["now": Document(simulator.now.iso8601Milliseconds)]) }

  private func moveClock(_ request: HTTPRequest) -> HTTPResponse {
    let body: SourceValue
    do { body = try language.read(request.body, "body") } catch {
      return self.error(400, "\(error); \(Self.clockForms)")
    }
    guard case .mapping(let entries) = body.content, entries.count == 1, let entry = entries.first else {
      return error(400, Self.clockForms)
    }
    switch entry.name.text {
    case "advance":
      guard let duration = Duration(text: entry.value.text) else {
        return error(
          400, "\"\(entry.value.text.prefix(40))\" is no duration; expected for example 90s, 15m, 36h or 7d")
      }
      simulator.advance(by: duration)
    case "set":
      guard let time = Timestamp(iso8601: entry.value.text) else {
        return error(400, "\"\(entry.value.text.prefix(40))\" is no time; expected for example 2026-11-23T09:00:00Z")
      }
      simulator.setClock(to: time)
    default: return error(400, "unknown key \"\(entry.name.text.prefix(40))\"; \(Self.clockForms)")
    }
    return clock
  }
}

// MARK: Faults and world

extension ControlEndpoints {
  private var faults: HTTPResponse { json(["faults": Document(simulator.faults.map(\.document))]) }

  /// Takes the place of all there were.
  private func setFaults(_ request: HTTPRequest) -> HTTPResponse {
    do {
      let value = try language.read(request.body, "body")
      let reader = SourceReader()
      let rules = FaultRule.read(value, with: reader)
      try reader.finish()
      simulator.setFaults(rules)
      return faults
    } catch {
      return refuse(error)
    }
  }

  private func clearFaults(_ request: HTTPRequest) -> HTTPResponse {
    simulator.setFaults([])
    return faults
  }

  private func load(_ request: HTTPRequest) -> HTTPResponse {
    do {
      simulator.load(try World(source: try language.read(request.body, "body")))
      return clock
    } catch {
      return refuse(error)
    }
  }

  /// A file's problems, one by one.
  private func refuse(_ error: any Error) -> HTTPResponse {
    let problems = (error as? SourceProblems)?.problems.map(\.description) ?? ["\(error)"]
    return json(
      [
        "error": Document(problems.count == 1 ? problems[0] : "\(problems.count) problems"),
        "problems": Document(strings: problems),
      ], status: 400)
  }
}

// MARK: The record

extension ControlEndpoints {
  private func calls(_ request: HTTPRequest) -> HTTPResponse {
    do {
      let filter = try CallFilter(query: request.query)
      let record = simulator.calls
      let events = filter.limit == 0 ? [] : simulator.events(filter.limit, where: filter.matches)
      return json(
        record.document { filter.matches($0) }.setting("events", to: Document(events.map(\.document))))
    } catch {
      return self.error(400, "\(error)")
    }
  }
}

// MARK: Answers

extension ControlEndpoints {
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
