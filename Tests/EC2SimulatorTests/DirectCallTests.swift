import AWSWire
import Determinism
import Governance
import Testing

@testable import EC2Simulator

@Suite struct DirectCallTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var service = "ec2"
    var operation: String
    var parameters: Document
    var testDescription: String { "\(service) \(operation) \(parameters.json)" }
  }

  private static let image: Document = "ami-00000000000000a01"

  /// One client's calls over the wire and another's without, at two simulators that are alike.
  private func pair() throws -> (wire: SimulatorClient, direct: SimulatorClient) {
    (
      try SimulatorClient(yaml: neighbourhood).member("222222222222"),
      try SimulatorClient(yaml: neighbourhood).member("222222222222")
    )
  }

  private func perform(_ client: SimulatorClient, _ example: Case) -> Result<Document, ServiceError> {
    client.simulator.perform(
      DirectCall(
        service: example.service, operation: example.operation, region: client.region, parameters: example.parameters,
        credentials: client.credentials))
  }

  @Test(
    "A direct call gets what the same call gets over the wire, and leaves the same world and record",
    arguments: [
      Case(operation: "DescribeImages", parameters: ["Owners": ["self"]]),
      Case(operation: "DescribeImages", parameters: ["Owners": [], "ImageIds": .null]),
      Case(operation: "DescribeImages", parameters: ["Filters": [["Name": "name", "Values": ["pub*"]]]]),
      Case(operation: "DescribeImages", parameters: ["MaxResults": 1]),
      Case(operation: "DescribeImages", parameters: ["ImageIds": ["ami-0ffffffffffffffff"]]),
      Case(operation: "DescribeImageAttribute", parameters: ["ImageId": image, "Attribute": "launchPermission"]),
      Case(
        operation: "ModifyImageAttribute",
        parameters: ["ImageId": image, "LaunchPermission": ["Add": [["UserId": "333333333333"]]]]),
      Case(operation: "ModifyImageAttribute", parameters: ["ImageId": image, "LaunchPermission": [:]]),
      Case(operation: "CreateTags", parameters: ["Resources": [image], "Tags": [["Key": "a", "Value": "b"]]]),
      Case(operation: "DeregisterImage", parameters: ["ImageId": image, "DryRun": true]),
      Case(operation: "DeregisterImage", parameters: ["ImageId": image]),
      Case(service: "sts", operation: "GetCallerIdentity", parameters: [:]),
      Case(
        service: "sts", operation: "AssumeRole",
        parameters: ["RoleArn": "arn:aws:iam::222222222222:role/none", "RoleSessionName": "xx"]),
      Case(service: "organizations", operation: "DescribeOrganization", parameters: [:]),
      Case(service: "organizations", operation: "ListAccounts", parameters: ["MaxResults": 2]),
    ])
  func equal(_ example: Case) throws {
    let (wire, direct) = try pair()
    var expected: Result<Document, ServiceError>
    do {
      expected = .success(try wire.call(example.service, example.operation, example.parameters.withoutNulls))
    } catch let error as ServiceError {
      expected = .failure(error)
    }
    // What only a response's head says.
    if case .failure(var error) = expected {
      error.retryAfter = nil
      expected = .failure(error)
    }
    switch (perform(direct, example), expected) {
    case (.success(let got), .success(let wanted)):
      let operation = try #require(ServiceModel.named(example.service)?.operation(example.operation))
      // A form's answer has empty lists where the direct one has nothing.
      let read = try ClientCodec.response(operation, ServerCodec.response(operation, got, requestID: ""))
      #expect(read == wanted)
    case (.failure(let got), .failure(let wanted)): #expect(got == wanted)
    case (let got, let wanted): Issue.record("\(got) instead of \(wanted)")
    }
    #expect(direct.simulator.worldDump() == wire.simulator.worldDump())
    #expect(direct.simulator.calls == wire.simulator.calls)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var what: String
    var code: String
    var service = "ec2"
    var operation = "DescribeRegions"
    var parameters: Document = [:]
    var change: @Sendable (inout Credentials?) -> Void = { _ in }
    var after: Duration = .zero
    var region = "eu-west-1"
    var testDescription: String { what }
  }

  @Test(
    "It skips the bytes and nothing else",
    arguments: [
      Refusal(what: "unknown key", code: "AuthFailure", change: { $0?.accessKeyID = "AKIANOBODY" }),
      Refusal(what: "wrong secret", code: "AuthFailure", change: { $0?.secretAccessKey += "x" }),
      Refusal(
        what: "wrong secret", code: "SignatureDoesNotMatch", service: "sts", operation: "GetCallerIdentity",
        change: { $0?.secretAccessKey += "x" }),
      Refusal(what: "no session token", code: "AuthFailure", change: { $0?.sessionToken = nil }),
      Refusal(what: "unsigned", code: "MissingParameter", change: { $0 = nil }),
      Refusal(what: "expired", code: "RequestExpired", after: .seconds(3_600)),
      Refusal(what: "a region that is not switched on", code: "AuthFailure", region: "me-south-1"),
      Refusal(what: "no such operation", code: "InvalidAction", operation: "DescribeNothing"),
      Refusal(what: "no such parameter", code: "UnknownParameter", parameters: ["Colour": "red"]),
      Refusal(
        what: "no such parameter, deeper", code: "UnknownParameter", operation: "DescribeImages",
        parameters: ["Filters": [["Colour": "red"]]]),
      Refusal(
        what: "another type", code: "InvalidParameterValue", operation: "DescribeImages",
        parameters: ["MaxResults": "many"]),
      Refusal(what: "another service", code: "UnknownService", service: "s3", operation: "ListBuckets"),
    ])
  func refusals(_ refusal: Refusal) throws {
    let client = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    var credentials: Credentials? = client.credentials
    refusal.change(&credentials)
    client.simulator.advance(by: refusal.after)
    let before = client.simulator.worldDump()
    let result = client.simulator.perform(
      DirectCall(
        service: refusal.service, operation: refusal.operation, region: refusal.region,
        parameters: refusal.parameters, credentials: credentials))
    guard case .failure(let error) = result else {
      Issue.record("\(refusal.what) succeeded")
      return
    }
    #expect(error.code == refusal.code)
    #expect(client.simulator.worldDump() == before)
    #expect(client.simulator.calls.count(result: refusal.code) == (refusal.service == "s3" ? 0 : 1))
  }
}

extension Document {
  /// As a client's check before a call wants them.
  fileprivate var withoutNulls: Document {
    Document(entries: entries.map { ($0.name, $0.value.isNull ? nil : $0.value) })
  }
}
