import AWSWire
import Determinism
import Governance
import Testing

@testable import EC2Simulator

@Suite struct DeterminismTests {
  /// A day's work: reads, changes, refusals. All the bytes that came back.
  private func transcript(seed: UInt64) throws -> [HTTPResponse] {
    let client = try SimulatorClient(yaml: neighbourhood, seed: seed)
    var responses: [HTTPResponse] = []
    func send(_ client: SimulatorClient, _ service: String, _ operation: String, _ parameters: Document) throws {
      responses.append(client.simulator.respond(to: try client.request(service, operation, parameters)))
    }
    try send(client, "sts", "GetCallerIdentity", [:])
    let owner = try client.member("222222222222")
    try send(owner, "ec2", "DescribeImages", ["Owners": ["self"]])
    try send(
      owner, "ec2", "CopyImage",
      ["Name": "copy", "SourceImageId": "ami-00000000000000a01", "SourceRegion": "eu-west-1"])
    try send(owner, "ec2", "EnableImageBlockPublicAccess", ["ImageBlockPublicAccessState": "block-new-sharing"])
    client.simulator.advance(by: .seconds(120))
    try send(owner, "ec2", "GetImageBlockPublicAccessState", [:])
    try send(owner, "ec2", "DescribeImages", ["ImageIds": ["ami-0ffffffffffffffff"]])
    try send(client, "organizations", "CreateAccount", ["AccountName": "x", "Email": "x@example.com"])
    try send(owner, "sts", "AssumeRole", ["RoleArn": "arn:aws:iam::222222222222:role/x", "RoleSessionName": "xx"])
    responses.append(
      HTTPResponse(
        status: 0, body: Array((client.simulator.worldDump().json + client.simulator.calls.document.json).utf8)))
    return responses
  }

  @Test("The same seed and the same requests get the same bytes; another seed gets other ids")
  func bytes() throws {
    let first = try transcript(seed: 1)
    #expect(first == (try transcript(seed: 1)))
    #expect(first != (try transcript(seed: 2)))
  }

  @Test("After a reset everything begins again, ids included")
  func reset() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    func role() throws -> String { try client.member("222222222222").credentials.accessKeyID }
    let first = try role()
    #expect(try role() != first)
    client.simulator.advance(by: .seconds(60))
    client.simulator.reset()
    #expect(client.simulator.now == SimulatorClient.start)
    #expect(client.simulator.calls.total == 0)
    #expect(try role() == first)
  }

  @Test("Calls are on record by operation, account, region and result")
  func record() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let owner = try client.member("222222222222")
    _ = try owner.ids(["Owners": ["self"]])
    _ = try owner.failure("ec2", "DescribeImages", ["MaxResults": 1])
    let calls = client.simulator.calls
    #expect(calls.count(of: "sts:AssumeRole", account: "111111111111") == 1)
    #expect(calls.count(of: "ec2:DescribeImages", account: "222222222222", region: "eu-west-1", result: "OK") == 1)
    #expect(calls.count(of: "ec2:DescribeImages", result: "InvalidParameterValue") == 1)
    #expect(calls.total == 3)
    #expect(calls.document["calls"]?.count == 3)
  }

  @Test("Concurrent callers are all served, each write is seen, and nothing is lost")
  func concurrent() async throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let owner = try client.member("222222222222")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<40 {
        group.addTask {
          try owner.call(
            "ec2", "CreateTags",
            ["Resources": ["ami-00000000000000a01"], "Tags": [["Key": Document("k\(number)"), "Value": "v"]]])
        }
      }
      try await group.waitForAll()
    }
    let tags = try owner.call("ec2", "DescribeImages", ["ImageIds": ["ami-00000000000000a01"]]).at(
      path: "Images.0.Tags")
    #expect(tags?.count == 41)
  }
}
