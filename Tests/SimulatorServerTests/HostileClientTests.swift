import AWSWire
import Determinism
import EC2Simulator
import Governance
import Testing

@testable import SimulatorServer

/// Clients that mean harm, or are broken: nobody else may notice, and nothing of theirs may succeed.
@Suite struct HostileClientTests {
  private static let start = SimulatorServerTests.start

  /// The bytes of a signed request that would succeed.
  private func bytes(_ simulator: Simulator, _ operation: String, _ parameters: Document = [:]) throws -> [UInt8] {
    let shape = try #require(ServiceModel.named("ec2")?.operation(operation))
    var request = try ClientCodec.request(shape, parameters: parameters, scheme: "http", authority: "127.0.0.1:4566")
    SignatureV4.sign(
      &request, credentials: try #require(simulator.ambientCredentials), region: "us-east-1", service: "ec2",
      date: Self.start)
    var text = "POST / HTTP/1.1\r\n"
    for field in request.headers.fields { text += "\(field.name): \(field.value)\r\n" }
    return Array((text + "Content-Length: \(request.body.count)\r\n\r\n").utf8) + request.body
  }

  private func isAnswered(_ simulator: Simulator, _ port: Int) throws -> Bool {
    let connection = try RawConnection(port: port)
    try connection.send(try bytes(simulator, "DescribeRegions"))
    return try connection.reply().status == 200
  }

  @Test("Who sends a request byte by byte is answered when it is there, and holds up nobody meanwhile")
  func slowly() throws {
    try SimulatorServerTests.withServer { simulator, port in
      let slow = try (0..<20).map { _ in try RawConnection(port: port) }
      let request = try bytes(simulator, "DescribeRegions")
      for (position, byte) in request.enumerated() {
        for connection in slow { try connection.send([byte]) }
        if position.isMultiple(of: 100) { #expect(try isAnswered(simulator, port)) }
      }
      for connection in slow { #expect(try connection.reply().status == 200) }
    }
  }

  @Test("Who stops in the middle of a request is cut off, whether in its line, a header or the body")
  func stalled() throws {
    var settings = SimulatorServer.Settings()
    settings.idleSeconds = 1
    try SimulatorServerTests.withServer(settings) { simulator, port in
      let request = try bytes(simulator, "DescribeRegions")
      let stalled = try [3, 30, request.count - 1].map { length in
        let connection = try RawConnection(port: port)
        try connection.send(Array(request.prefix(length)))
        return connection
      }
      #expect(try isAnswered(simulator, port))
      for connection in stalled { #expect(try connection.isEnded) }
      #expect(simulator.calls.total == 1)
    }
  }

  @Test("A connection more than there may be is not served, and makes room when the others end")
  func crowd() throws {
    var settings = SimulatorServer.Settings()
    settings.connections = 8
    settings.idleSeconds = 1
    try SimulatorServerTests.withServer(settings) { simulator, port in
      let crowd = try (0..<8).map { _ in try RawConnection(port: port) }
      for connection in crowd { try connection.send("POST / HT") }
      for connection in crowd { #expect(try connection.isEnded) }
      #expect(try isAnswered(simulator, port))
    }
  }

  @Test(
    "A NUL byte in the request line, a header's name or value, or the body makes no request that succeeds",
    arguments: ["/", "HTTP", "Content-Type", "form-urlencoded", "Authorization", "Signature=", "Action=", "Regions"])
  func nul(behind mark: String) throws {
    try SimulatorServerTests.withServer { simulator, port in
      var request = try bytes(simulator, "DescribeRegions")
      let place = try #require(request.firstRange(of: Array(mark.utf8)))
      request.insert(0, at: place.upperBound)
      if let length = request.firstRange(of: Array("Content-Length: ".utf8)), mark == "Action=" || mark == "Regions" {
        // Its body is as long as it says.
        let end = try #require(request[length.upperBound...].firstIndex(of: 13))
        let number = try #require(Int(String(decoding: request[length.upperBound..<end], as: UTF8.self)))
        request.replaceSubrange(length.upperBound..<end, with: Array("\(number + 1)".utf8))
      }
      let connection = try RawConnection(port: port)
      try connection.send(request)
      if let status = try connection.status { #expect((400..<500).contains(status), "behind \(mark): \(status)") }
      #expect(simulator.calls.count(of: "ec2:DescribeRegions", result: "OK") == 0)
      #expect(try isAnswered(simulator, port))
    }
  }

  @Test("A NUL byte that is signed for is no text: refused where it would be kept")
  func signedNul() throws {
    try SimulatorServerTests.withServer { simulator, port in
      let connection = try RawConnection(port: port)
      try connection.send(
        try bytes(
          simulator, "CreateVolume",
          [
            "AvailabilityZone": "us-east-1a", "Size": 1,
            "TagSpecifications": [["ResourceType": "volume", "Tags": [["Key": "a", "Value": "x\u{0}y"]]]],
          ]))
      let status = try connection.reply().status
      #expect(status == 400)
      let listing = try RawConnection(port: port)
      try listing.send(try bytes(simulator, "DescribeVolumes"))
      let text = try listing.reply().text
      #expect(!text.unicodeScalars.contains { $0.value == 0 })
    }
  }
}
