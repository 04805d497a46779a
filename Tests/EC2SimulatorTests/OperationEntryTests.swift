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
}
