import AWSWire
import Determinism
import EC2Simulator
import Governance
import Testing

@testable import SimulatorServer

@Suite struct SimulatorServerTests {
  static let start = Timestamp(seconds: 1_795_424_400)

  static func withServer(_ settings: SimulatorServer.Settings = .init(), _ body: (Simulator, Int) throws -> Void)
    throws
  {
    let world = World.fresh(managementAccount: "123456789012", seed: 1, start: Self.start, joined: Self.start)
    let simulator = Simulator(world: world, seed: 1, clock: FixedClock(Self.start)) { Self.start }
    let server = SimulatorServer(simulator: simulator, settings: settings, language: .json)
    let port = try server.start()
    defer { server.stop() }
    try body(simulator, port)
  }

  private func signed(_ simulator: Simulator, _ service: String, _ operation: String, _ parameters: Document = [:])
    throws -> HTTPRequest
  {
    let shape = try #require(ServiceModel.named(service)?.operation(operation))
    var request = try ClientCodec.request(shape, parameters: parameters, scheme: "http", authority: "127.0.0.1:4566")
    SignatureV4.sign(
      &request, credentials: try #require(simulator.ambientCredentials), region: "us-east-1", service: service,
      date: Self.start)
    return request
  }

  @Test("Signed requests of every protocol are answered over one kept connection, as in process")
  func protocols() throws {
    try Self.withServer { simulator, port in
      let connection = try RawConnection(port: port)
      for (service, operation, expected) in [
        ("sts", "GetCallerIdentity", "arn:aws:iam::123456789012:user/admin"),
        ("ec2", "DescribeRegions", "<regionName>eu-west-1</regionName>"),
        ("organizations", "CreateOrganization", "\"FeatureSet\":\"ALL\""),
      ] {
        try connection.send(try signed(simulator, service, operation))
        let reply = try connection.reply()
        #expect(reply.status == 200)
        #expect(reply.text.contains(expected))
      }
      #expect(simulator.calls.total == 3)
    }
  }

  @Test("A body in chunks, byte by byte, is one request")
  func chunks() throws {
    try Self.withServer { simulator, port in
      var request = try signed(simulator, "ec2", "DescribeImages", ["Owners": ["self"]])
      let body = request.body
      request.body = []
      let connection = try RawConnection(port: port)
      var head = "POST / HTTP/1.1\r\nHost: 127.0.0.1:4566\r\nTransfer-Encoding: chunked\r\n"
      for field in request.headers.fields where !["host", "content-length"].contains(field.name.lowercased()) {
        head += "\(field.name): \(field.value)\r\n"
      }
      try connection.send(head + "\r\n")
      for byte in body { try connection.send(Array("1\r\n".utf8) + [byte] + Array("\r\n".utf8)) }
      try connection.send("0\r\n\r\n")
      let reply = try connection.reply()
      #expect(reply.status == 200)
      #expect(reply.text.contains("DescribeImagesResponse"))
    }
  }

  @Test("EC2's error is its own XML, with the connection closed behind it")
  func errors() throws {
    try Self.withServer { simulator, port in
      let connection = try RawConnection(port: port)
      try connection.send(try signed(simulator, "ec2", "DescribeImages", ["MaxResults": 1]))
      let reply = try connection.reply()
      #expect(reply.status == 400)
      #expect(reply.head.contains("Server: AmazonEC2"))
      #expect(reply.text.contains("<Code>InvalidParameterValue</Code>"))
      #expect(try connection.isClosed)
    }
  }

  struct Abuse: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: String
    var statuses: [Int]
    var testDescription: String { name }
  }

  @Test(
    "What is no proper request gets a 4xx or 5xx, never an answer and never a hang",
    arguments: [
      Abuse(
        name: "two lengths", bytes: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        statuses: [400]),
      Abuse(
        name: "length beside chunks",
        bytes: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        statuses: [400]),
      Abuse(
        name: "negative length", bytes: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n",
        statuses: [400, 413]),
      Abuse(
        name: "length beyond the limit", bytes: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
        statuses: [413]),
      Abuse(
        name: "length beyond numbers",
        bytes: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n", statuses: [400, 413]),
      Abuse(name: "no host", bytes: "GET / HTTP/1.1\r\n\r\n", statuses: [400]),
      Abuse(name: "nonsense", bytes: "\u{1}\u{2}\u{3}\r\n\r\n", statuses: [400, 0]),
      Abuse(
        name: "header bomb",
        bytes: "GET / HTTP/1.1\r\nHost: x\r\n"
          + String(repeating: "X-A: \(String(repeating: "b", count: 500))\r\n", count: 200) + "\r\n", statuses: [431]),
      Abuse(
        name: "endless target",
        bytes: "GET /" + String(repeating: "a", count: 100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", statuses: [414]),
      Abuse(name: "unsigned", bytes: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", statuses: [400]),
    ])
  func abuse(_ example: Abuse) throws {
    try Self.withServer { simulator, port in
      let connection = try RawConnection(port: port)
      try connection.send(example.bytes)
      if example.statuses.contains(0) {
        #expect(try connection.isClosed || connection.reply().status == 400)
      } else {
        #expect(example.statuses.contains(try connection.reply().status))
      }
      // It is still there for others.
      let next = try RawConnection(port: port)
      try next.send("GET /_simulator/health HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try next.reply().status == 200)
    }
  }

  @Test("A body that grows past the limit in chunks is refused")
  func oversized() throws {
    var settings = SimulatorServer.Settings()
    settings.bodyLimit = 1_000
    try Self.withServer(settings) { _, port in
      let connection = try RawConnection(port: port)
      let piece = String(repeating: "a", count: 600)
      try connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
      for _ in 0..<2 { try connection.send("258\r\n\(piece)\r\n") }
      try connection.send("0\r\n\r\n")
      #expect(try connection.reply().status == 413)
    }
  }

  @Test("Requests sent one behind another are answered in their order")
  func pipelined() throws {
    try Self.withServer { simulator, port in
      let connection = try RawConnection(port: port)
      for _ in 0..<3 { try connection.send("GET /_simulator/clock HTTP/1.1\r\nHost: x\r\n\r\n") }
      try connection.send(try signed(simulator, "sts", "GetCallerIdentity"))
      for _ in 0..<3 { #expect(try connection.reply().text == "{\"now\":\"2026-11-23T09:00:00.000Z\"}\n") }
      #expect(try connection.reply().text.contains("GetCallerIdentityResult"))
    }
  }

  @Test("Faults over HTTP: a delay is waited for and holds up nobody else, a reset is a closed connection")
  func faults() throws {
    try Self.withServer { simulator, port in
      let request = try signed(simulator, "ec2", "DescribeRegions")
      func rule(_ fault: Fault, nth: Int = 1) -> FaultRule {
        var match = FaultRule.Match("ec2", "DescribeRegions")
        match.nth = nth
        return FaultRule(match, fault)
      }
      simulator.setFaults([rule(.delayed(.milliseconds(300)))])
      let slow = try RawConnection(port: port)
      try slow.send(request)
      for _ in 0..<4 {
        let other = try RawConnection(port: port)
        try other.send(request)
        #expect(try other.reply().status == 200)
      }
      #expect(try slow.reply().status == 200)
      for handled in [true, false] {
        let before = simulator.calls.total
        simulator.setFaults([rule(.reset(handled: handled))])
        let connection = try RawConnection(port: port)
        try connection.send(request)
        #expect(try connection.isClosed)
        #expect(simulator.calls.total == before + (handled ? 1 : 0))
      }
      simulator.setFaults([rule(.truncated(to: 10)), rule(.throttled, nth: 2)])
      let connection = try RawConnection(port: port)
      try connection.send(request)
      #expect(try connection.reply().body.count == 10)
      try connection.send(request)
      #expect(try connection.reply().status == 503)
      // A connection that waits when the server ends is let go.
      simulator.setFaults([rule(.delayed(.seconds(3_600)))])
      try RawConnection(port: port).send(request)
    }
  }

  @Test("Where others can reach it, it does not start without a token")
  func openly() throws {
    let world = World.fresh(managementAccount: "123456789012", seed: 1, start: nil, joined: Self.start)
    let simulator = Simulator(world: world, seed: 1, clock: FixedClock(Self.start)) { Self.start }
    let open = SimulatorServer(simulator: simulator, settings: .init(address: "0.0.0.0"), language: .json)
    #expect(throws: SimulatorServer.Failure.needsToken(address: "0.0.0.0")) { try open.start() }
    let wrong = SimulatorServer(simulator: simulator, settings: .init(address: "127.nowhere"), language: .json)
    let error = #expect(throws: SimulatorServer.Failure.self) { try wrong.start() }
    #expect(error?.description.contains("127.nowhere") == true)
  }

  @Test("Two servers cannot have one port, and a stopped one gives it back")
  func ports() throws {
    try Self.withServer { simulator, port in
      let second = SimulatorServer(simulator: simulator, settings: .init(port: UInt16(port)), language: .json)
      let error = #expect(throws: SimulatorServer.Failure.self) { try second.start() }
      #expect(error?.description.contains("port \(port)") == true)
      second.stop()
    }
    let world = World.fresh(managementAccount: "123456789012", seed: 1, start: nil, joined: Self.start)
    let simulator = Simulator(world: world, seed: 1, clock: FixedClock(Self.start)) { Self.start }
    let server = SimulatorServer(simulator: simulator, settings: .init(), language: .json)
    let port = try server.start()
    #expect(throws: SimulatorServer.Failure.alreadyStarted) { try server.start() }
    server.stop()
    server.stop()
    let again = SimulatorServer(simulator: simulator, settings: .init(port: UInt16(port)), language: .json)
    #expect(try again.start() == port)
    again.stop()
  }
}
