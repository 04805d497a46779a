import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct OperationEntryTests {
  @Test("Every operation is one of the model's")
  func entries() {
    for entry in OperationTable.entries {
      #expect(ServiceModel.named(entry.service)?.operation(entry.name) != nil, "\(entry.action)")
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
}
