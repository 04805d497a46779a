import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct CloudTrailTests {
  private static func client() throws -> SimulatorClient {
    try SimulatorClient(yaml: neighbourhood)
  }

  private static func lookup(_ client: SimulatorClient, _ key: String, _ value: String) throws -> [Document] {
    try client.call(
      "cloudtrail", "LookupEvents",
      ["LookupAttributes": [["AttributeKey": Document(key), "AttributeValue": Document(value)]]])["Events"]?.elements
      ?? []
  }

  @Test("It tells who made an image public, when, and through which role, in both forms of the call")
  func whoMadeItPublic() throws {
    let owner = try Self.client().member("222222222222")
    let forms: [Document] = [
      ["ImageId": "ami-00000000000000a01", "LaunchPermission": ["Add": [["Group": "all"]]]],
      [
        "ImageId": "ami-00000000000000a01", "Attribute": "launchPermission", "OperationType": "add",
        "UserGroups": ["all"],
      ],
    ]
    for form in forms {
      owner.simulator.advance(by: .seconds(60))
      try owner.call("ec2", "ModifyImageAttribute", form)
      let event = try #require(try Self.lookup(owner, "EventName", "ModifyImageAttribute").first)
      #expect(event["ReadOnly"] == "false")
      #expect(event["EventSource"] == "ec2.amazonaws.com")
      #expect(event["Username"] == "test")
      #expect(event["Resources"] == [["ResourceType": "AWS::EC2::Ami", "ResourceName": "ami-00000000000000a01"]])
      #expect(event["EventTime"] == Document(owner.simulator.now.iso8601))
      let record = try Document(json: event["CloudTrailEvent"]?.string ?? "")
      #expect(
        record["requestParameters"] == [
          "imageId": "ami-00000000000000a01", "launchPermission": ["add": ["items": [["group": "all"]]]],
          "attributeType": "launchPermission",
        ])
      #expect(record.at(path: "userIdentity.type") == "AssumedRole")
      #expect(
        record.at(path: "userIdentity.sessionContext.sessionIssuer.arn")
          == "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole")
      #expect(
        record.at(path: "userIdentity.sessionContext.attributes.creationDate")
          == Document(SimulatorClient.start.iso8601))
      #expect(record["recipientAccountId"] == "222222222222")
      #expect(record.at(path: "responseElements._return") == true)
    }
  }

  @Test("Events are those of one account and region, newest first; whose role was assumed is told too")
  func scope() throws {
    let client = try Self.client()
    let owner = try client.member("222222222222")
    let web = try client.member("333333333333")
    try owner.call("ec2", "DescribeRegions")
    _ = try? web.call("ec2", "DeregisterImage", ["ImageId": "ami-00000000000000a02"])
    #expect(try Self.lookup(web, "EventName", "DescribeRegions").isEmpty)
    let refused = try #require(try Self.lookup(web, "EventName", "DeregisterImage").first)
    let record = try Document(json: refused["CloudTrailEvent"]?.string ?? "")
    #expect(record["errorCode"] == "Client.AuthFailure")
    #expect(record["responseElements"]?.isNull == true)
    let assumed = try Self.lookup(owner, "EventName", "AssumeRole")
    #expect(assumed.count == 1)
    let text = assumed[0]["CloudTrailEvent"]?.string ?? ""
    #expect(text.contains("\"accessKeyId\":\"ASIA"))
    #expect(!text.contains(owner.credentials.secretAccessKey))
    #expect(!text.contains(owner.credentials.sessionToken ?? "none"))
    #expect(try Self.lookup(client, "EventName", "AssumeRole").count == 2)
    var elsewhere = owner
    elsewhere.region = "us-east-1"
    #expect(try Self.lookup(elsewhere, "EventName", "DescribeRegions").isEmpty)
    try client.call("organizations", "ListRoots")
    var home = client
    home.region = "us-east-1"
    #expect(try Self.lookup(home, "EventSource", "organizations.amazonaws.com").count == 1)
    #expect(try Self.lookup(owner, "AccessKeyId", owner.credentials.accessKeyID).count >= 2)
    #expect(try Self.lookup(owner, "ReadOnly", "true").allSatisfy { $0["ReadOnly"] == "true" })
  }

  @Test("Pages of fifty at most, each event once, within the times that are asked for and ninety days")
  func pages() throws {
    let client = try Self.client()
    for _ in 0..<60 { try client.call("ec2", "DescribeRegions") }
    let first = try client.call("cloudtrail", "LookupEvents")
    let rest = try client.call(
      "cloudtrail", "LookupEvents", Document(entries: [("NextToken", first["NextToken"])]))
    let ids = [first, rest].flatMap { $0["Events"]?.elements.compactMap { $0["EventId"]?.string } ?? [] }
    #expect(first["Events"]?.count == 50)
    // The sixty, and the first look-up itself.
    #expect(Set(ids).count == 60)
    client.simulator.advance(by: .seconds(3_600))
    try client.call("ec2", "DescribeTags")
    let late = try client.call("cloudtrail", "LookupEvents", ["StartTime": "2026-11-23T09:30:00Z"])
    #expect(late["Events"]?.elements.map { $0["EventName"]?.string } == ["DescribeTags"])
    let early = try client.call("cloudtrail", "LookupEvents", ["EndTime": "2026-11-23T09:30:00Z"])
    #expect(early["Events"]?.elements.allSatisfy { $0["EventName"] != "DescribeTags" } == true)
    client.simulator.advance(by: .seconds(91 * 86_400))
    #expect(try client.call("cloudtrail", "LookupEvents")["Events"]?.count == 0)
  }

  @Test("Two look-ups a second, and not three")
  func rate() throws {
    let client = try SimulatorClient(yaml: neighbourhood.replacing("throttling: off", with: "throttling: on"))
    for _ in 0..<2 { try client.call("cloudtrail", "LookupEvents") }
    #expect(try client.failure("cloudtrail", "LookupEvents").code == "ThrottlingException")
    client.simulator.advance(by: .seconds(1))
    #expect(try client.call("cloudtrail", "LookupEvents")["Events"]?.count == 3)
  }

  private static let bad: [(Document, String)] = [
    (["MaxResults": 51], "InvalidMaxResultsException"), (["NextToken": "x"], "InvalidNextTokenException"),
    (["StartTime": "2026-11-23T10:00:00Z", "EndTime": "2026-11-23T09:00:00Z"], "InvalidTimeRangeException"),
    (["LookupAttributes": [["AttributeKey": "Colour", "AttributeValue": "red"]]], "InvalidLookupAttributesException"),
    (
      [
        "LookupAttributes": [
          ["AttributeKey": "EventName", "AttributeValue": "a"], ["AttributeKey": "EventId", "AttributeValue": "b"],
        ]
      ], "InvalidLookupAttributesException"
    ),
  ]

  @Test("Bad look-ups are refused, each with its exception", arguments: bad)
  func refusals(parameters: Document, code: String) throws {
    #expect(try Self.client().failure("cloudtrail", "LookupEvents", parameters).code == code)
  }
}
