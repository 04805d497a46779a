import AWSAccess
import Governance
import Orchestrator
import Testing

@testable import ScenarioReplay

/// A tagger that judges nothing: it would have each image carry the key `Seen`.
private struct Tagger: PluginCatalog, PluginSession {
  var manifests: [PluginManifest] {
    [
      PluginManifest(
        id: "team.seen", version: "1", kinds: [.tagger], resourceTypes: ["ec2:image"],
        operations: ["ec2:CreateTags", "ec2:DeleteTags"])
    ]
  }

  func open(_ setting: PluginSetting) async throws(PluginFailure) -> any PluginSession { self }

  func propose(plugin: String, resources: [Resource], now: Timestamp) async throws(PluginFailure) -> [TagOperation] {
    guard Set(resources.map(\.account)).count == 1 else { throw unexpected("resources of several accounts") }
    return resources.indices.map { TagOperation(resource: $0, key: "Seen", kind: .set(value: "yes"), reason: "") }
  }

  func beginDiscovery(plugin: String, in setting: DiscoverySetting, now: Timestamp) async throws(PluginFailure)
    -> any DiscoveryRun
  { throw unexpected("a discovery") }
  func evaluate(plugin: String, checks: [String], resources: [Resource], now: Timestamp) async throws(PluginFailure)
    -> [CheckedResource]
  { throw unexpected("a check") }
  func plan(plugin: String, resources: [Resource], findings: [PlannableFinding], now: Timestamp)
    async throws(PluginFailure) -> [Action]
  { throw unexpected("a remediation") }
  func close() async {}

  private func unexpected(_ what: String) -> PluginFailure {
    PluginFailure(plugin: "team.seen", code: "Unexpected", message: "was asked for \(what)")
  }
}

struct TaggerPlanTests {
  @Test("A tagger without checks is asked about every resource of its types, in the accounts that are asked for")
  func withoutChecks() throws {
    let replay = try Replay.of(try CrashTests.world(), region: "eu-west-1")
    try replay.sweep(Replay.options(homeRegion: "eu-west-1"))
    func plan(_ scope: PlanScope) throws -> [String] {
      try replay.run {
        let caller = try await replay.cloud.callerIdentity()
        let (organization, _) = await OrganizationReader(cloud: replay.cloud).read(caller)
        return try await Planner(catalog: Tagger(), ledger: replay.ledger, clock: replay.executor).plan(
          scope, organization: organization, trusted: [], pluginConfigurations: [:])
      }.actions.map { "\($0.call.operation) \($0.resource.id.suffix(3))" }
    }
    #expect(try plan(PlanScope()) == ["CreateTags a01", "CreateTags a02", "CreateTags a03", "CreateTags b01"])
    #expect(try plan(PlanScope(accounts: ["100000000003"])) == ["CreateTags b01"])
    #expect(try plan(PlanScope(resources: ["ami-00000000000000a02"])) == ["CreateTags a02"])
  }
}
