import AWSWire
import Determinism
import Governance
import Testing

@testable import EC2Simulator

@Suite struct TokenBucketTests {
  private func client() throws -> SimulatorClient {
    try SimulatorClient(yaml: neighbourhood.replacing("throttling: off", with: "throttling: on"))
      .member("222222222222")
  }

  /// How many of so many calls in a row are served.
  private func served(_ count: Int, _ body: () throws -> Void) throws -> Int {
    var served = 0
    for _ in 0..<count {
      do {
        try body()
        served += 1
      } catch let error as ServiceError where error.code == "RequestLimitExceeded" {
        #expect(error.status == 503)
        #expect(error.message == "Request limit exceeded.")
      }
    }
    return served
  }

  @Test("A bucket lets its capacity through, refills by fractions, and is the account's and the region's own")
  func refill() throws {
    let client = try client()
    let enable: Document = ["ImageBlockPublicAccessState": "block-new-sharing"]
    func call(_ client: SimulatorClient) -> () throws -> Void {
      { try client.call("ec2", "EnableImageBlockPublicAccess", enable) }
    }
    // 1, and 0.1 a second.
    #expect(try served(3, call(client)) == 1)
    client.simulator.advance(by: .seconds(4))
    #expect(try served(1, call(client)) == 0)
    client.simulator.advance(by: .milliseconds(6_000))
    #expect(try served(2, call(client)) == 1)
    var elsewhere = client
    elsewhere.region = "us-east-1"
    #expect(try served(2, call(elsewhere)) == 1)
    #expect(try served(2) { try client.call("ec2", "DisableImageBlockPublicAccess") } == 1)
    let root = try SimulatorClient(client.simulator, #require(client.simulator.ambientCredentials))
      .member("333333333333")
    #expect(try served(2, call(root)) == 1)
  }

  @Test("Categories have the published sizes; an unfiltered listing has a smaller bucket of its own")
  func sizes() throws {
    let client = try client()
    #expect(try served(120) { _ = try client.ids(["Owners": ["self"]]) } == 100)
    #expect(try served(70) { try client.call("ec2", "DescribeSnapshots") } == 50)
    #expect(try served(120) { try client.call("ec2", "DescribeSnapshots", ["MaxResults": 5]) } == 100)
    client.simulator.advance(by: .seconds(1))
    #expect(try served(70) { try client.call("ec2", "DescribeSnapshots") } == 10)
  }

  @Test("A call that a bucket refuses changes nothing but the record")
  func harmless() throws {
    let client = try client()
    let state = { client.simulator.worldDump() }
    let enable: Document = ["ImageBlockPublicAccessState": "block-new-sharing"]
    try client.call("ec2", "EnableImageBlockPublicAccess", enable)
    let before = state()
    for _ in 0..<5 {
      _ = try client.failure("ec2", "EnableImageBlockPublicAccess", enable)
    }
    #expect(state() == before)
    #expect(client.simulator.calls.count(of: "ec2:EnableImageBlockPublicAccess", result: "RequestLimitExceeded") == 5)
    // Waiting in vain costs nothing: the next token comes when it would have come.
    client.simulator.advance(by: .seconds(10))
    try client.call("ec2", "EnableImageBlockPublicAccess", enable)
  }

  @Test(
    "The other services refuse in their own words",
    arguments: [
      ("sts", "Throttling", 400), ("organizations", "TooManyRequestsException", 400),
      ("cloudtrail", "ThrottlingException", 400),
    ])
  func words(service: String, code: String, status: Int) throws {
    let error = ServiceError.throttled(by: try #require(ServiceModel.named(service)))
    #expect(error.code == code && error.status == status && error.message == "Rate exceeded")
  }

  @Test("Instances are counted in a bucket of their own: a launch of more than it holds now is refused whole")
  func resources() throws {
    var buckets = TokenBuckets()
    let caller = Caller.anonymous
    func run(_ count: Int, at seconds: Int64) -> Bool {
      buckets.admit(
        Call(
          service: "ec2", operation: "RunInstances", region: "eu-west-1", parameters: ["MaxCount": Document(count)],
          caller: caller, now: Timestamp(seconds: seconds), wall: Timestamp(seconds: seconds)))
    }
    let launches: [(count: Int, second: Int64, isServed: Bool)] = [
      (900, 0, true), (101, 0, false), (100, 0, true), (3, 1, false), (2, 1, true),
    ]
    for launch in launches {
      let isServed = run(launch.count, at: launch.second)
      #expect(isServed == launch.isServed, "\(launch)")
    }
  }

  @Test("Buckets that are full again are forgotten")
  func memory() {
    var buckets = TokenBuckets()
    for number in 0..<20_000 {
      let caller = Caller(
        account: "\(number)", kind: .user, arn: "", userID: "", principalARN: "", accessKeyID: "", identityPolicies: [])
      let call = Call(
        service: "ec2", operation: "DescribeImages", region: "eu-west-1", parameters: [:], caller: caller,
        now: Timestamp(seconds: Int64(number)), wall: Timestamp(seconds: 0))
      let isAdmitted = buckets.admit(call)
      #expect(isAdmitted)
    }
    #expect(buckets.count <= 4_096)
  }

  @Test("Switched off, nothing is refused")
  func off() throws {
    let client = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    #expect(try served(150) { _ = try client.ids(["Owners": ["self"]]) } == 150)
  }
}
