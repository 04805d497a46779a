import AWSWire
import Determinism
import Governance
import Orchestrator
import Synchronization
import Testing

@testable import AWSAccess

@Suite("From the port to the bytes and back")
struct WireTests {
  private static let account = "222222222222"
  private static let reading = SessionPermissions.reading(actions: ["ec2:DescribeImages"])

  private static let happy: FakeAWS.Script = { (incoming) throws(ServiceError) in
    switch (incoming.service, incoming.action) {
    case ("sts", "GetCallerIdentity"):
      return [
        "Account": Document(Fixture.callerAccount), "UserId": "A",
        "Arn": Document("arn:aws:iam::\(Fixture.callerAccount):root"),
      ]
    case ("sts", "AssumeRole"):
      return Fixture.credentials(id: "ASIA1", until: Fixture.start + .seconds(3_600))
    case ("ec2", "DescribeImages"):
      let isSecond = incoming.parameters["NextToken"]?.string == "t2"
      return Document(entries: [
        ("Images", [["ImageId": Document(isSecond ? "ami-2" : "ami-1"), "Public": Document(isSecond)]]),
        ("NextToken", isSecond ? nil : "t2"),
      ])
    case ("organizations", "DescribeOrganization"):
      return ["Organization": ["Id": "o-1", "MasterAccountId": Document(Fixture.callerAccount)]]
    case ("organizations", "ListAccounts"):
      return [
        "Accounts": [
          ["Id": Document(account), "Name": "member", "Status": "ACTIVE", "JoinedTimestamp": "2026-01-01T00:00:00Z"]
        ]
      ]
    case ("organizations", "ListRoots"): return ["Roots": [["Id": "r-1"]]]
    case ("organizations", "ListAccountsForParent"): return ["Accounts": [["Id": Document(account)]]]
    case ("organizations", "ListOrganizationalUnitsForParent"): return ["OrganizationalUnits": []]
    default: return .emptyObject
    }
  }

  private static func cloud(_ aws: any HTTPTransport, _ clock: any WorldClock, endpoints: EndpointSettings = .standard)
    -> AWSCloud
  {
    var settings = Fixture.settings()
    settings.endpoints = endpoints
    return AWSCloud(
      settings: settings, credentials: FixedCredentials(Fixture.ownKeys), transport: aws, clock: clock, seed: 1)
  }

  private static let secrets = ["AKIAOWN": "own-secret", "ASIA1": "s"]

  @Test("A session is assumed, calls are signed for their region with its token, pages follow")
  func session() throws {
    try Fixture.run { executor in
      let aws = FakeAWS(secrets: Self.secrets, Self.happy)
      let session = try await Self.cloud(aws, executor).session(account: Self.account, permissions: Self.reading)
      var images: [String] = []
      var next: APICall? = APICall("ec2", "DescribeImages", ["Owners": ["self"], "MaxResults": 1_000])
      while let call = next {
        let page = try await session.perform(call, in: "ap-south-1")
        images += page.body["Images"]?.elements.compactMap { $0["ImageId"]?.string } ?? []
        next = page.next
      }
      #expect(images == ["ami-1", "ami-2"])
      #expect(
        aws.seen.map(\.request.authority) == [
          "sts.eu-central-1.amazonaws.com", "sts.eu-central-1.amazonaws.com", "ec2.ap-south-1.amazonaws.com",
          "ec2.ap-south-1.amazonaws.com",
        ])
      #expect(aws.seen.map(\.keyID) == ["AKIAOWN", "AKIAOWN", "ASIA1", "ASIA1"])
      #expect(aws.seen.map(\.sessionToken) == [nil, nil, "t", "t"])
      #expect(aws.seen.map(\.region) == ["eu-central-1", "eu-central-1", "ap-south-1", "ap-south-1"])
      #expect(aws.seen.allSatisfy { !$0.request.needsFreshConnection })
    }
  }

  @Test("An organization is read over the wire, signed for its home region")
  func organization() throws {
    try Fixture.run { executor in
      let aws = FakeAWS(secrets: Self.secrets, Self.happy)
      let organization = try await Self.cloud(aws, executor).organization()
      #expect(organization.accounts.map(\.id) == [Self.account])
      #expect(organization.accounts[0].unitPath == "o-1/r-1/")
      #expect(aws.seen.filter { $0.service == "organizations" }.allSatisfy { $0.region == "us-east-1" })
    }
  }

  @Test("Unknown services, operations and parameters are caught before anything is sent")
  func beforeTheCall() throws {
    let table: [(APICall, String)] = [
      (APICall("s3", "ListBuckets"), "UnknownService"), (APICall("ec2", "DescribeNothing"), "UnknownOperation"),
      (APICall("ec2", "DescribeImages", ["Owner": ["self"]]), "InvalidParameters"),
    ]
    try Fixture.run { executor in
      let aws = FakeAWS(secrets: Self.secrets, Self.happy)
      let session = try await Self.cloud(aws, executor).session(account: Self.account, permissions: Self.reading)
      let before = aws.seen.count
      for (call, code) in table {
        let error = await Fixture.failure { () async throws(FailureReason) in
          try await session.perform(call, in: "eu-west-1")
        }
        #expect(error?.code == code)
        #expect(error?.kind == .configuration)
      }
      #expect(aws.seen.count == before)
    }
  }

  @Test("Errors of AWS come with its code, and a change asks for a fresh connection")
  func errors() throws {
    try Fixture.run { executor in
      let aws = FakeAWS(secrets: Self.secrets) { (incoming) throws(ServiceError) in
        if incoming.service == "ec2" {
          throw ServiceError(
            status: 403, code: "UnauthorizedOperation",
            message: "You are not authorized. Encoded authorization failure message: abc")
        }
        return try Self.happy(incoming)
      }
      let session = try await Self.cloud(aws, executor).session(account: Self.account, permissions: Self.reading)
      let error = await Fixture.failure { () async throws(FailureReason) in
        try await session.perform(
          APICall("ec2", "ModifyImageAttribute", ["ImageId": "ami-1", "Description": ["Value": "x"]]), in: "eu-west-1")
      }
      #expect(error?.description == "UnauthorizedOperation: ec2:ModifyImageAttribute: You are not authorized.")
      #expect(aws.seen.last?.request.needsFreshConnection == true)
    }
  }

  @Test("A body that is no answer is malformed; of STS not a letter of it is quoted")
  func malformed() async throws {
    let secret = "wJalrXUtnFEMI"
    let bodies = ["", "<html>sign in", "<AssumeRoleResponse><SecretAccessKey>\(secret)</Secret", "{", "\u{FF}\u{FE}"]
    for body in bodies {
      let transport = ScriptedTransport { (_) throws(TransportError) in
        HTTPResponse(status: 200, headers: HTTPHeaders([("Content-Type", "text/xml")]), body: Array(body.utf8))
      }
      let cloud = Self.cloud(transport, FixedClock(Fixture.start))
      let error = await Fixture.failure { () async throws(FailureReason) in try await cloud.callerIdentity() }
      #expect(error?.code == "MalformedResponse", "\(body)")
      #expect(error?.kind == .badData)
      #expect(error?.description.contains(secret) == false)
    }
  }

  @Test("A proxy's error page with a server's status is tried again")
  func proxyPage() throws {
    try Fixture.run { executor in
      let aws = FakeAWS(secrets: Self.secrets, Self.happy)
      let count = Mutex(0)
      let flaky = FlakyTransport(inner: aws) {
        count.withLock { count in
          count += 1
          return count == 1 ? HTTPResponse(status: 502, body: Array("<html>Bad gateway".utf8)) : nil
        }
      }
      let cloud = Self.cloud(flaky, executor)
      let identity = try await cloud.callerIdentity()
      #expect(identity.account == Fixture.callerAccount)
      #expect(cloud.meter.reading.calls == ["sts:GetCallerIdentity": 2])
    }
  }

  private struct FlakyTransport: HTTPTransport {
    let inner: any HTTPTransport
    let first: @Sendable () -> HTTPResponse?

    func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
      if let response = first() { return response }
      return try await inner.send(request, timeout: timeout)
    }
  }

  @Test("An endpoint that was set is used as it was set, the others stay")
  func endpoints() throws {
    try Fixture.run { executor in
      let aws = FakeAWS(secrets: Self.secrets, Self.happy)
      let url = try #require(EndpointURL("http://sts.example:4566/base/"))
      let cloud = Self.cloud(
        aws, executor, endpoints: EndpointSettings(overrides: ["sts": url], useFIPS: true, useDualStack: false))
      let session = try await cloud.session(account: Self.account, permissions: Self.reading)
      _ = try await session.perform(APICall("ec2", "DescribeImages"), in: "us-east-2")
      #expect(aws.seen[0].request.url == "http://sts.example:4566/base/")
      #expect(aws.seen.last?.request.url == "https://ec2-fips.us-east-2.amazonaws.com/")
    }
  }

  @Test("An endpoint is a plain http or https URL")
  func endpointURLs() {
    #expect(EndpointURL("https://a.example")?.path == "/")
    #expect(EndpointURL("HTTP://127.0.0.1:80/x")?.scheme == "http")
    #expect(EndpointURL("http://[::1]:80/x")?.host == "::1")
    for text in ["", "a.example", "ftp://a", "http://", "http://u:p@a", "http://a?x=1", "http://a/#f", "http://a b"] {
      #expect(EndpointURL(text) == nil, "\(text)")
    }
  }
}
