import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct AuthenticationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var service: String
    var operation: String
    var unknownKey: (String, Int)
    var wrongSecret: (String, Int)
    var expired: (String, Int)
    var old: (String, Int)
    var testDescription: String { service }
  }

  static let cases = [
    Case(
      service: "ec2", operation: "DescribeRegions", unknownKey: ("AuthFailure", 401), wrongSecret: ("AuthFailure", 401),
      expired: ("RequestExpired", 400), old: ("RequestExpired", 400)),
    Case(
      service: "sts", operation: "GetCallerIdentity", unknownKey: ("InvalidClientTokenId", 403),
      wrongSecret: ("SignatureDoesNotMatch", 403), expired: ("ExpiredToken", 403), old: ("SignatureDoesNotMatch", 403)),
    Case(
      service: "organizations", operation: "DescribeOrganization", unknownKey: ("UnrecognizedClientException", 400),
      wrongSecret: ("InvalidSignatureException", 400), expired: ("ExpiredTokenException", 400),
      old: ("InvalidSignatureException", 400)),
  ]

  @Test("Bad credentials get each service's own error", arguments: cases)
  func credentials(_ example: Case) throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    func check(_ client: SimulatorClient, _ expected: (String, Int)) throws {
      let error = try client.failure(example.service, example.operation)
      #expect(error.code == expected.0)
      #expect(error.status == expected.1)
      #expect(!error.message.contains(client.credentials.secretAccessKey))
    }
    var changed = client
    changed.credentials.accessKeyID = "AKIANOBODY"
    try check(changed, example.unknownKey)
    changed = client
    changed.credentials.secretAccessKey += "x"
    try check(changed, example.wrongSecret)
    changed = try client.member("222222222222")
    changed.credentials.sessionToken = "another"
    try check(changed, example.unknownKey)
    changed.credentials.sessionToken = nil
    try check(changed, example.unknownKey)
    for minutes in [-16, 16] {
      changed = client
      changed.date = client.simulator.now + .seconds(minutes * 60)
      try check(changed, example.old)
    }
    changed = try client.member("222222222222")
    client.simulator.advance(by: .seconds(3_600))
    try check(changed, example.expired)
  }

  @Test("A skew of less than a quarter of an hour is accepted")
  func skew() throws {
    var client = try SimulatorClient(yaml: neighbourhood)
    for seconds in [-899, 899] {
      client.date = client.simulator.now + .seconds(seconds)
      #expect(try client.call("sts", "GetCallerIdentity")["Account"] == "111111111111")
    }
  }

  @Test("A region that is not switched on, or is not there, does not validate")
  func regions() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    for (account, region, works) in [
      ("333333333333", "me-south-1", true), ("222222222222", "me-south-1", false), ("333333333333", "mars-1", false),
    ] {
      let member = try client.member(account, region: region)
      if works {
        #expect(try member.ids(["Owners": ["self"]]).isEmpty)
      } else {
        let error = try member.failure("ec2", "DescribeImages")
        #expect(error.code == "AuthFailure")
        #expect(error.message == "AWS was not able to validate the provided access credentials")
      }
    }
    let listed = try client.member("222222222222").call("ec2", "DescribeRegions", ["AllRegions": true])
    #expect(
      listed["Regions"]?.elements.map { $0["OptInStatus"]?.string } == [
        "opt-in-not-required", "not-opted-in", "opt-in-not-required",
      ])
    #expect(try client.call("ec2", "DescribeRegions")["Regions"]?.count == 2)
  }

  @Test("An unsigned request is told that a token is missing, and the record counts it")
  func unsigned() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    var request = try client.request("sts", "GetCallerIdentity")
    request.headers["Authorization"] = nil
    let response = client.simulator.respond(to: request)
    #expect(response.status == 403)
    #expect(String(decoding: response.body, as: UTF8.self).contains("MissingAuthenticationToken"))
    #expect(client.simulator.calls.count(result: "MissingAuthenticationToken") == 1)
    #expect(client.simulator.respond(to: HTTPRequest(scheme: "http", authority: "x")).status == 400)
  }

  @Test("A changed body breaks the signature")
  func tampered() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    var request = try client.request("ec2", "DescribeImages", ["Owners": ["self"]])
    request.body = Array(String(decoding: request.body, as: UTF8.self).replacing("self", with: "amazon").utf8)
    #expect(client.simulator.respond(to: request).status == 401)
  }

  @Test("A suspended account's credentials are worth nothing, and nobody gets in")
  func suspended() throws {
    let client = try SimulatorClient(
      yaml: neighbourhood.replacing("name: test, unit: Test", with: "name: test, unit: Test, state: SUSPENDED"))
    let error = #expect(throws: ServiceError.self) { try client.member("444444444444") }
    #expect(error?.code == "AccessDenied")
  }
}
