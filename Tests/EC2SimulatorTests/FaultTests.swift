import AWSWire
import Configuration
import Determinism
import Governance
import Testing

@testable import EC2Simulator

@Suite struct FaultTests {
  private static let image: Document = "ami-00000000000000a01"

  private func rules(_ yaml: String) throws -> [FaultRule] {
    let reader = SourceReader()
    let rules = FaultRule.read(try YAML.parse(Array(yaml.utf8), file: "faults.yaml"), with: reader)
    try reader.finish()
    return rules
  }

  /// The owner of the neighbourhood, with these faults.
  private func owner(_ yaml: String) throws -> SimulatorClient {
    let client = try SimulatorClient(yaml: neighbourhood)
    let owner = try client.member("222222222222")
    client.simulator.setFaults(try rules(yaml))
    return owner
  }

  /// `OK` or the code of each of so many calls.
  private func codes(_ count: Int, _ client: SimulatorClient, _ operation: String = "DescribeRegions") -> [String] {
    (0..<count).map { _ in
      do {
        try client.call("ec2", operation)
        return "OK"
      } catch let error as ServiceError {
        return error.code
      } catch {
        return "\(error)"
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var match: String
    var hit: String
    var testDescription: String { match }
  }

  @Test(
    "A rule hits the calls that fit all of it",
    arguments: [
      Case(match: "", hit: "xxxxxx"), Case(match: ", nth: 2", hit: ".x...."), Case(match: ", every: 3", hit: "..x..x"),
      Case(match: ", first: 2", hit: "xx...."), Case(match: ", first: 4, every: 2", hit: ".x.x.."),
      Case(match: ", service: sts", hit: "......"), Case(match: ", operation: \"ec2:Describe*\"", hit: "xxxxxx"),
      Case(match: ", operation: DescribeImages", hit: "......"),
      Case(match: ", account: \"222222222222\"", hit: "xxxxxx"),
      Case(match: ", account: \"333333333333\"", hit: "......"), Case(match: ", region: \"eu-*\"", hit: "xxxxxx"),
      Case(match: ", region: us-east-1", hit: "......"), Case(match: ", resource: \"ami-*\"", hit: "......"),
      Case(match: ", from: 2s", hit: "..xxxx"), Case(match: ", until: 2026-11-23T09:00:02Z", hit: "xx...."),
      Case(match: ", rate: 0", hit: "......"), Case(match: ", rate: 1", hit: "xxxxxx"),
    ])
  func matching(_ example: Case) throws {
    let client = try owner("[{fault: server-error\(example.match)}]")
    var hit = ""
    for _ in 0..<6 {
      hit += codes(1, client) == ["OK"] ? "." : "x"
      client.simulator.advance(by: .seconds(1))
    }
    #expect(hit == example.hit)
  }

  @Test("A rate is drawn from the seed: the same calls are hit again after a reset, others under another seed")
  func rate() throws {
    let yaml = neighbourhood + "\nfaults: [{fault: throttling, operation: DescribeRegions, rate: 0.5}]\n"
    func run(_ seed: UInt64) throws -> (first: [String], again: [String]) {
      let client = try SimulatorClient(yaml: yaml, seed: seed)
      let first = codes(40, client)
      client.simulator.reset()
      return (first, codes(40, client))
    }
    let one = try run(1)
    #expect(one.first == one.again)
    #expect(one.first != (try run(2)).first)
    let hits = one.first.count { $0 == "RequestLimitExceeded" }
    #expect((8...32).contains(hits))
  }

  @Test(
    "Each service fails in its own words, and nothing is done but recorded",
    arguments: [
      ("throttling", "RequestLimitExceeded"), ("server-error", "InternalError"), ("denied", "UnauthorizedOperation"),
      ("expired-credentials", "RequestExpired"), ("error, code: Odd, status: 409, message: m", "Odd"),
    ])
  func refusals(fault: String, code: String) throws {
    let client = try owner("[{fault: \(fault)}]")
    let before = client.simulator.world.dump(at: client.simulator.now)
    let error = try client.failure("ec2", "DeregisterImage", ["ImageId": Self.image])
    #expect(error.code == code)
    #expect(client.simulator.world.dump(at: client.simulator.now) == before)
    #expect(client.simulator.calls.count(of: "ec2:DeregisterImage", result: code) == 1)
    let direct = try owner("[{fault: \(fault)}]")
    let result = direct.simulator.perform(
      DirectCall(
        service: "ec2", operation: "DeregisterImage", region: direct.region, parameters: ["ImageId": Self.image],
        credentials: direct.credentials))
    guard case .failure(let same) = result else {
      Issue.record("the direct call succeeded")
      return
    }
    #expect(same.code == code && same.status == error.status && same.message == error.message)
  }

  @Test("A fault tells the client when to come back")
  func retryAfter() throws {
    let client = try owner("[{fault: throttling, retryAfter: 1500ms}]")
    let response = client.simulator.respond(to: try client.request("ec2", "DescribeRegions"))
    #expect(response.headers["x-amz-retry-after"] == "1500")
  }

  @Test("For a while after a write, reads answer from before it and what was made is not found")
  func staleReads() throws {
    let client = try owner("[{fault: stale-reads, lasts: 10s, service: ec2, account: \"222222222222\"}]")
    let share: Document = ["ImageId": Self.image, "LaunchPermission": ["Add": [["UserId": "333333333333"]]]]
    func shares() throws -> Int? {
      try client.call("ec2", "DescribeImageAttribute", ["ImageId": Self.image, "Attribute": "launchPermission"])[
        "LaunchPermissions"]?.count
    }
    try client.call("ec2", "ModifyImageAttribute", share)
    #expect(try shares() == 0)
    client.simulator.advance(by: .seconds(9))
    #expect(try shares() == 0)
    client.simulator.advance(by: .seconds(1))
    #expect(try shares() == 1)
    let made = try client.call(
      "ec2", "CopyImage", ["Name": "copy", "SourceImageId": Self.image, "SourceRegion": "eu-west-1"])
    let copy = try #require(made["ImageId"])
    #expect(try client.failure("ec2", "DescribeImages", ["ImageIds": [copy]]).code == "InvalidAMIID.NotFound")
    let tags: Document = ["Resources": [copy], "Tags": [["Key": "k", "Value": "v"]]]
    #expect(try client.failure("ec2", "CreateTags", tags).code.contains("NotFound"))
    client.simulator.advance(by: .seconds(10))
    #expect(try client.ids(["ImageIds": [copy]]).count == 1)
    try client.call("ec2", "CreateTags", tags)
  }

  @Test("Block public access takes as long as the fault says")
  func lag() throws {
    let client = try owner("[{fault: block-public-access-lag, lasts: 3m}]")
    func state() throws -> String? {
      try client.call("ec2", "GetImageBlockPublicAccessState")["ImageBlockPublicAccessState"]?.string
    }
    try client.call("ec2", "EnableImageBlockPublicAccess", ["ImageBlockPublicAccessState": "block-new-sharing"])
    client.simulator.advance(by: .seconds(179))
    #expect(try state() == "unblocked")
    client.simulator.advance(by: .seconds(1))
    #expect(try state() == "block-new-sharing")
  }

  @Test(
    "Somebody else acts right after the call, is authorized like anybody, and is on record",
    arguments: [
      ("before", "OrganizationAccountAccessRole", false), ("after", "OrganizationAccountAccessRole", true),
      ("after", "Nobody", false),
    ])
  func actors(when: String, role: String, isPublic: Bool) throws {
    let client = try owner(
      """
      - fault: actor
        operation: ec2:ModifyImageAttribute
        when: \(when)
        as: arn:aws:iam::222222222222:role/\(role)
        invokedBy: assets.marketplace.amazonaws.com
        calls:
          - operation: ec2:ModifyImageAttribute
            parameters: {ImageId: "${ImageId}", LaunchPermission: {Add: [{Group: all}]}}
      """)
    let image: Document = "ami-00000000000000a02"
    try client.call(
      "ec2", "ModifyImageAttribute", ["ImageId": image, "LaunchPermission": ["Remove": [["Group": "all"]]]])
    let found = try client.call("ec2", "DescribeImages", ["ImageIds": [image]])
    #expect(found.at(path: "Images.0.Public")?.bool == isPublic)
    let events = client.simulator.events(10) { $0.operation == "ModifyImageAttribute" }
    #expect(events.count == 2)
    let theirs = events[when == "after" ? 0 : 1]
    #expect(theirs.result == (role == "Nobody" ? "NoSuchPrincipal" : "OK"))
    #expect(role == "Nobody" || theirs.invokedBy == "assets.marketplace.amazonaws.com")
  }

  @Test("An actor's own call needs no credentials, and no faults hit it")
  func actor() throws {
    let client = try owner("[{fault: server-error}]")
    let user = ActorCall(
      principal: "arn:aws:iam::888888888888:user/admin", service: "ec2", operation: "DescribeImages",
      region: "eu-west-1", parameters: ["ExecutableUsers": ["all"]])
    #expect(try client.simulator.perform(user).get()["Images"]?.count == 1)
    #expect(client.simulator.events(1) { _ in true }.first?.caller?.account == "888888888888")
  }

  @Test("What is wrong with rules is told with its place, all of it at once")
  func problems() throws {
    let cases: [(yaml: String, text: String)] = [
      ("[{operation: x}]", "a fault needs the key \"fault\""), ("[{fault: throtling}]", "did you mean"),
      ("[{fault: latency}]", "needs \"delay\""), ("[{fault: garbled, delay: 3s}]", "unknown key \"delay\""),
      ("[{fault: throttling, operation: ec2:DescribeImagse}]", "did you mean \"DescribeImages\"?"),
      ("[{fault: throttling, service: s3}]", "no service is called \"s3\""),
      ("[{fault: throttling, rate: 2}]", "out of range"), ("[{fault: throttling, nth: 0}]", "out of range"),
      ("[{fault: throttling, from: soon}]", "is no moment"), ("{fault: [1]}", "did you mean \"faults\"?"),
      ("[{fault: actor, as: me, calls: [{operation: ec2:Foo}]}]", "is no ARN"),
      ("[{fault: actor, as: me, calls: [{operation: ec2:Foo}]}]", "is not simulated"),
    ]
    for (yaml, text) in cases {
      let problems = #expect(throws: SourceProblems.self, "\(yaml)") { try rules(yaml) }
      #expect(problems?.description.contains(text) == true, "\(yaml): \(problems?.description ?? "")")
      #expect(problems?.description.hasPrefix("faults.yaml:1:") == true)
    }
  }

  @Test("Rules are written as they are read, and a dumped world has them")
  func roundTrip() throws {
    let text = """
      - {fault: throttling, service: ec2, operation: "Describe*", rate: 0.25, retryAfter: 1500ms}
      - {fault: server-error, account: "222222222222", nth: 3}
      - {fault: denied, reason: r, resource: "ami-*"}
      - {fault: expired-credentials, first: 1}
      - {fault: error, code: C, message: m, status: 409, every: 2}
      - {fault: latency, delay: 2s, from: 2026-11-23T09:00:00Z, until: 900s}
      - {fault: reset, handled: true}
      - {fault: timeout}
      - {fault: truncated, bytes: 12}
      - {fault: garbled, region: "eu-*"}
      - {fault: stale-reads, lasts: 30s}
      - {fault: block-public-access-lag, lasts: 300s}
      - fault: actor
        as: arn:aws:iam::222222222222:role/R
        when: after
        calls: [{operation: ec2:DeregisterImage, region: eu-west-1, parameters: {ImageId: "${ImageId}"}}]
      """
    let read = try rules(text)
    #expect(read.count == 13)
    #expect(try rules(YAML.write(Document(read.map(\.document)))) == read)
    var world = try World(yaml: neighbourhood)
    world.faults = read
    #expect(try World(yaml: YAML.write(world.dump(at: SimulatorClient.start))).faults == read)
  }

  @Test(
    "On its way a call is delayed, lost or damaged",
    arguments: [
      ("latency, delay: 90s", TransportError.Kind.timedOut as TransportError.Kind?, 90), ("latency, delay: 5s", nil, 5),
      ("reset", .reset, 0), ("timeout, handled: true", .timedOut, 60), ("truncated, bytes: 7", nil, 0),
    ])
  func ways(fault: String, kind: TransportError.Kind?, seconds: Int64) throws {
    let client = try owner("[{fault: \(fault), operation: DescribeRegions}]")
    let executor = VirtualTimeExecutor(seed: 1, start: SimulatorClient.start)
    let transport = InProcessTransport(simulator: client.simulator, clock: executor)
    let request = try client.request("ec2", "DescribeRegions")
    let outcome = try executor.run { () -> Result<HTTPResponse, TransportError> in
      do throws(TransportError) {
        return .success(try await transport.send(request, timeout: .seconds(60)))
      } catch {
        return .failure(error)
      }
    }
    switch outcome {
    case .success(let response):
      #expect(kind == nil)
      #expect((response.body.count == 7) == fault.hasPrefix("truncated"))
    case .failure(let error): #expect(error.kind == kind)
    }
    #expect(executor.now - SimulatorClient.start == .seconds(min(seconds, 60)))
    let handled = client.simulator.calls.count(of: "ec2:DescribeRegions")
    #expect(handled == (fault == "reset" || fault == "latency, delay: 90s" ? 0 : 1))
  }
}
