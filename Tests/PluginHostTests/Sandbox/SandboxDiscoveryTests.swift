import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct SandboxDiscoveryTests {
  private func setting(_ region: String = "eu-west-1") -> DiscoverySetting {
    DiscoverySetting(
      scope: Scope(account: "222222222222", region: region), partition: .aws, wanted: [("ec2:image", "Public")])
  }

  private func begin(_ zoo: CagedZoo, _ region: String = "eu-west-1") async throws(PluginFailure) -> any DiscoveryRun {
    try await zoo.session.beginDiscovery(plugin: "org.example.zoo", in: setting(region), now: testTime)
  }

  private func page(_ ids: [String], last: Bool) -> DiscoveryResponse {
    DiscoveryResponse(
      request: 1,
      outcome: .success(["Images": Document(ids.map { ["ImageId": Document($0), "Public": true] as Document })]),
      isLastPage: last)
  }

  @Test("A run asks, is answered page by page, and emits what it found")
  func happy() async throws {
    let zoo = try await CagedZoo()
    let run = try await begin(zoo)
    #expect(
      run.first.requests.map(\.call) == [
        APICall(service: "ec2", operation: "DescribeImages", parameters: ["Owners": ["self"]])
      ])
    let first = try await run.resume(with: [page(["ami-1", "ami-2"], last: false)])
    #expect(first.resources.map(\.id) == ["ami-1", "ami-2"])
    let second = try await run.resume(with: [page(["ami-3"], last: true)])
    #expect(second.isDone)
    let image = try #require(second.resources.first)
    #expect(image.arn == "arn:aws:ec2:eu-west-1::image/ami-3")
    #expect(image.attributes == ["ImageId": "ami-3", "Public": true])
    #expect(image.notes.first?.unread?.code == "UnauthorizedOperation")
    await run.end()
    await zoo.session.close()
    #expect(zoo.log.lines.isEmpty)
  }

  @Test("A run that falls while it is ended has given what it found, and costs nobody else anything")
  func fallsInEnd() async throws {
    let zoo = try await CagedZoo("falls-in-end")
    let other = try await begin(zoo, "us-east-1")
    let run = try await begin(zoo)
    let step = try await run.resume(with: [page(["ami-1"], last: true)])
    #expect(step.isDone && step.resources.map(\.id) == ["ami-1"])
    await run.end()
    // In the same process: it is begun again in the next one.
    let next = try await other.resume(with: [page(["ami-2"], last: true)])
    #expect(next.isDone && next.resources.map(\.id) == ["ami-2"])
    await other.end()
    await zoo.session.close()
    let warnings = zoo.log.lines.filter { $0.level == .warning }
    #expect(warnings.map(\.fault) == ["PluginCrashed", "PluginCrashed"])
    #expect(warnings.allSatisfy { $0.message.contains("in end") }, "\(warnings)")
    #expect(warnings.first?.message.contains("222222222222/eu-west-1") ?? false, "\(warnings)")
  }

  @Test(
    "A run that cannot be begun says why",
    arguments: [
      ("begin-fails", "PluginFailed", "no wish to"), ("begin-status", "PluginBadData", "returned 9"),
      ("stalled", "PluginStalled", "has no request outstanding"),
      ("no-run", "PluginBadData", "began a run and gave none"),
      ("denied-forever", "PluginStalled", "went on asking for operations that it was not granted"),
    ])
  func notBegun(mode: String, code: String, says: String) async throws {
    let zoo = try await CagedZoo(mode)
    let failure = await #expect(throws: PluginFailure.self) { _ = try await begin(zoo) }
    #expect(failure?.code == code)
    #expect(failure?.message.contains(says) ?? false)
    await zoo.session.close()
  }

  @Test("A request outside of the grant is denied on the spot and told to the log")
  func denied() async throws {
    let zoo = try await CagedZoo("denied")
    let run = try await begin(zoo)
    #expect(run.first.isDone)
    #expect(zoo.log.lines.contains { $0.fault == "OperationNotGranted" })
    #expect(zoo.log.lines.contains { $0.fault == nil && $0.message == "OperationNotGranted" })
  }

  @Test("A run that falls twice has failed, and its neighbour in the same process goes on where it was")
  func neighbours() async throws {
    let zoo = try await CagedZoo("begin-crash")
    let good = try await begin(zoo)
    let first = try await good.resume(with: [page(["ami-1"], last: false)])
    #expect(first.resources.map(\.id) == ["ami-1"])
    let failure = await #expect(throws: PluginFailure.self) { _ = try await begin(zoo, "us-bad-1") }
    #expect(failure?.code == "PluginCrashed")
    #expect(failure?.message.contains("in begin (222222222222/us-bad-1)") ?? false)
    #expect(zoo.log.lines.count { $0.fault == "PluginCrashed" } == 2)
    // Begun again in a new process, told again of the first page; what it found there counts once.
    let second = try await good.resume(with: [page(["ami-1", "ami-2"], last: true)])
    #expect(second.isDone)
    #expect(second.resources.map(\.id) == ["ami-2"])
    await good.end()
  }

  @Test("A run that falls whenever it is told something fails with where it was")
  func resumeCrash() async throws {
    let zoo = try await CagedZoo("resume-crash")
    let run = try await begin(zoo)
    let failure = await #expect(throws: PluginFailure.self) {
      try await run.resume(with: [page(["ami-1"], last: true)])
    }
    #expect(failure?.code == "PluginCrashed")
    #expect(failure?.message.contains("in resume (222222222222/eu-west-1)") ?? false)
    let over = await #expect(throws: PluginFailure.self) { try await run.resume(with: [page(["ami-1"], last: true)]) }
    #expect(over?.code == "PluginRunOver")
    await run.end()
  }

  @Test("A remediator's actions come through whole")
  func plan() async throws {
    let finding = PlannableFinding(resource: 0, check: "zoo.public", message: "is public", evidence: ["Public": true])
    let inline = try await OpenZoo()
    let caged = try await CagedZoo()
    let resources: [Resource] = [.image("ami-1", isPublic: true)]
    let expected = try await inline.session.plan(
      plugin: "org.example.zoo", resources: resources, findings: [finding], now: testTime)
    let found = try await caged.session.plan(
      plugin: "org.example.zoo", resources: resources, findings: [finding], now: testTime)
    #expect(found == expected)
    #expect(found.count == 1)
    let thief = try await CagedZoo("action-not-granted")
    let failure = await #expect(throws: PluginFailure.self) {
      try await thief.session.plan(plugin: "org.example.zoo", resources: resources, findings: [finding], now: testTime)
    }
    #expect(failure?.code == "OperationNotGranted")
  }

  @Test("A tagger's operations come through whole")
  func propose() async throws {
    let resources: [Resource] = [.image("ami-1"), .image("ami-2")]
    let expected = try await OpenZoo().session.propose(plugin: "org.example.zoo", resources: resources, now: testTime)
    let found = try await CagedZoo().session.propose(plugin: "org.example.zoo", resources: resources, now: testTime)
    #expect(found == expected)
    #expect(found.count == 6)
  }
}
