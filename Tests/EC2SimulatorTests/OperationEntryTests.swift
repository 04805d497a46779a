import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct OperationEntryTests {
  @Test("Every operation is one of the model's, and what its entry says of parameters is about the model's")
  func entries() throws {
    for entry in OperationTable.entries {
      let operation = try #require(ServiceModel.named(entry.service)?.operation(entry.name), "\(entry.action)")
      for name in entry.refusedParameters {
        #expect(operation.input?.member(named: name) != nil, "\(entry.action) has no parameter \(name)")
      }
      // With a reason behind the name where one is given.
      for text in entry.ignoredParameters {
        let name = String(text.prefix { $0.isLetter || $0.isNumber })
        #expect(operation.input?.member(named: name) != nil, "\(entry.action) has no parameter \(name)")
      }
    }
  }

  @Test("An operation of the model that is not there is refused like one that AWS does not have, and is counted")
  func missing() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    for service in ["ec2", "organizations", "sts"] {
      let model = try #require(ServiceModel.named(service))
      let missing = model.operationNames.filter { OperationTable.entry(service, $0) == nil }
      guard let name = missing.first else { continue }
      let result = client.simulator.perform(
        DirectCall(
          service: service, operation: name, region: "eu-west-1", parameters: [:], credentials: client.credentials))
      guard case .failure(let error) = result else {
        Issue.record("\(service) \(name) succeeded")
        continue
      }
      #expect(["InvalidAction", "UnknownOperationException"].contains(error.code))
      #expect(client.simulator.calls.unsupported["\(service):\(name)"] == 1)
    }
  }

  @Test("AssumeRole in bytes is its document in bytes, and what the record makes of it later is that document")
  func assumeRoleInBytes() throws {
    let policy = #"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#
    let role: Document = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"
    let calls: [Document] = [
      ["RoleArn": role, "RoleSessionName": "plain"],
      [
        "RoleArn": role, "RoleSessionName": "a,b@c", "Policy": Document(policy), "DurationSeconds": 900,
      ],
    ]
    let operation = try #require(ServiceModel.named("sts")?.operation("AssumeRole"))
    for parameters in calls {
      let overHTTP = try SimulatorClient(yaml: neighbourhood)
      let inProcess = try SimulatorClient(yaml: neighbourhood)
      let response = overHTTP.simulator.respond(to: try overHTTP.request("sts", "AssumeRole", parameters))
      let document = try inProcess.simulator.perform(
        DirectCall(
          service: "sts", operation: "AssumeRole", region: "eu-west-1", parameters: parameters,
          credentials: inProcess.credentials)
      ).get()
      let id = try #require(response.headers["x-amzn-RequestId"])
      #expect(response == ServerCodec.response(operation, document, requestID: id))
      let events = overHTTP.simulator.events(1) { _ in true }
      #expect(events.map(\.answer) == [document])
      #expect(events.map(\.answer) == inProcess.simulator.events(1) { _ in true }.map(\.answer))
    }
  }

  @Test("A parameter of the model that an operation does not have is refused and counted")
  func refused() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    for entry in OperationTable.entries where entry.service == "ec2" {
      guard let name = entry.refusedParameters.first,
        let shape = ServiceModel.named("ec2")?.operation(entry.name)?.input?.member(named: name)?.shape
      else { continue }
      let value: Document =
        switch shape.kind {
        case .boolean: true
        case .integer, .long: 1
        case .list: shape.element.kind == .structure ? .null : ["x"]
        case .structure, .map: .null
        default: "x"
        }
      guard !value.isNull else { continue }
      let result = client.simulator.perform(
        DirectCall(
          service: "ec2", operation: entry.name, region: "eu-west-1", parameters: Document(entries: [(name, value)]),
          credentials: client.credentials))
      guard case .failure(let error) = result else {
        Issue.record("\(entry.action) took \(name)")
        continue
      }
      #expect(error.code == "UnknownParameter", "\(entry.action) \(name)")
    }
  }
}
