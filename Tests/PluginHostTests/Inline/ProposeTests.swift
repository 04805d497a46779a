import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct ProposeTests {
  private func propose(_ mode: String, _ resources: [Resource] = [.image("ami-1"), .image("ami-2")])
    async throws(PluginFailure) -> [TagOperation]
  {
    let zoo: OpenZoo
    do {
      zoo = try await OpenZoo(mode)
    } catch {
      throw PluginFailure(plugin: "test", code: "Setup", message: "\(error)")
    }
    return try await zoo.session.propose(plugin: "org.example.zoo", resources: resources, now: testTime)
  }

  @Test("A tagger's operations come back for their place in the batch")
  func happy() async throws {
    var volume = Resource.image("vol-1")
    volume.type = "ec2:volume"
    let operations = try await propose("", [volume, .image("ami-1")])
    #expect(
      operations == [
        TagOperation(resource: 1, key: "Owner", kind: .set(value: "team-a"), reason: "by account"),
        TagOperation(resource: 1, key: "purpose", kind: .rename(to: "Purpose"), reason: ""),
        TagOperation(resource: 1, key: "tmp", kind: .remove, reason: ""),
      ])
  }

  @Test(
    "A tag operation that breaks the contract voids the call",
    arguments: [
      ("tag-aws", "the new key of tag operation 1, aws:Purpose, belongs to AWS"),
      ("tag-index", "tag operation 0 names resource 2 of a batch of 2"),
      ("tag-kind", "tag operation 0 is of kind 4"),
      ("tag-twice", "the key of tag operation 2, Owner, is that of an earlier operation"),
      ("tag-no-key", "the key of tag operation 2 is empty"),
    ])
  func lies(_ mode: String, _ says: String) async throws {
    let failure = await #expect(throws: PluginFailure.self) { try await propose(mode) }
    #expect(failure?.code == "PluginBadData")
    #expect(failure?.message.contains(says) ?? false, "\(failure?.message ?? "")")
  }
}

@Suite struct PlanTests {
  private static let images: [Resource] = [.image("ami-0"), .image("ami-1", isPublic: true)]
  private static let finding = PlannableFinding(
    resource: 1, check: "zoo.public", message: "ami-1 is public", evidence: ["Public": true])

  private func plan(_ mode: String, _ findings: [PlannableFinding] = [finding]) async throws -> [Action] {
    let zoo = try await OpenZoo(mode)
    return try await zoo.session.plan(
      plugin: "org.example.zoo", resources: Self.images, findings: findings, now: testTime)
  }

  @Test("An action comes back whole")
  func happy() async throws {
    let actions = try await plan("")
    let action = try #require(actions.first)
    #expect(actions.count == 1)
    #expect(action.plugin == "org.example.zoo")
    #expect(action.check == "zoo.public")
    #expect(action.resource == Self.images[1].key)
    #expect(action.summary == "ami-1 is public")
    #expect(action.risk == .high)
    #expect(
      action.call == APICall(service: "ec2", operation: "ModifyImageAttribute", parameters: ["ImageId": "ami-1"]))
    #expect(action.precondition.expectations.map(\.text) == [#"LaunchPermissions contains {"Group":"all"}"#])
    #expect(action.verification.expectations.map(\.text) == [#"LaunchPermissions lacks {"Group":"all"}"#])
    #expect(action.undo == action.call)
    #expect(action.before == ["Public": true])
    #expect(action.after == ["Public": false])
    #expect(try await plan("action-no-undo").first?.undo == nil)
  }

  @Test("Findings of checks that the plugin does not remediate are not handed to it")
  func otherFindings() async throws {
    var other = Self.finding
    other.check = "zoo.second"
    #expect(try await plan("", [other]).isEmpty)
  }

  @Test(
    "An action that breaks the contract, or goes beyond the grant, voids the call",
    arguments: [
      ("action-not-granted", "OperationNotGranted", "planned ec2:TerminateInstances"),
      ("action-undo-not-granted", "OperationNotGranted", "planned ec2:RunInstances"),
      ("action-check", "PluginBadData", "action 0 answers zoo.second, of which this resource has no finding"),
      ("action-resource", "PluginBadData", "action 0 names resource 2 of a batch of 2"),
      ("action-other-resource", "PluginBadData", "action 0 names resource 2 of a batch of 2"),
      ("action-risk", "PluginBadData", "action 0 has the risk 0"),
      ("action-no-summary", "PluginBadData", "the summary of action 0 is empty"),
      ("action-no-precondition", "PluginBadData", "the precondition of action 0 is no object"),
      ("action-precondition-empty", "PluginBadData", "the precondition of action 0: an expectation needs"),
      ("action-precondition-writes", "PluginBadData", "calls TerminateInstances, which is no read"),
      ("action-undo-broken", "PluginBadData", "the undo of action 0: a call needs"),
      ("action-parameters", "PluginBadData", "the parameters of action 0 is no object"),
    ])
  func lies(_ mode: String, _ code: String, _ says: String) async throws {
    let failure = await #expect(throws: PluginFailure.self) { try await plan(mode) }
    #expect(failure?.code == code)
    #expect(failure?.message.contains(says) ?? false, "\(failure?.message ?? "")")
  }
}
