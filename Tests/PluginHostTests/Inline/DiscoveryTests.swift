import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct DiscoveryTests {
  private static let setting = DiscoverySetting(
    scope: Scope(account: "222222222222", region: "eu-west-1"), partition: .aws, wanted: [("ec2:image", "Public")])

  private func begin(_ zoo: OpenZoo) async throws(PluginFailure) -> any DiscoveryRun {
    try await zoo.session.beginDiscovery(plugin: "org.example.zoo", in: Self.setting, now: testTime)
  }

  private func page(_ ids: [String], last: Bool, request: UInt32 = 1) -> DiscoveryResponse {
    DiscoveryResponse(
      request: request,
      outcome: .success(["Images": Document(ids.map { ["ImageId": Document($0), "Public": true] as Document })]),
      isLastPage: last)
  }

  @Test("A run asks, is answered page by page, and emits what it found")
  func happy() async throws {
    let zoo = try await OpenZoo()
    let run = try await begin(zoo)
    let request = try #require(run.first.requests.first)
    #expect(run.first.requests.count == 1)
    #expect(
      request.call == APICall(service: "ec2", operation: "DescribeImages", parameters: ["Owners": ["self"]]))
    #expect(request.followsPages && request.isReusable)
    let first = try await run.resume(with: [page(["ami-1", "ami-2"], last: false)])
    #expect(first.resources.map(\.id) == ["ami-1", "ami-2"])
    #expect(!first.isDone)
    let second = try await run.resume(with: [page(["ami-3"], last: true)])
    #expect(second.isDone)
    let image = try #require(second.resources.first)
    #expect(image.arn == "arn:aws:ec2:eu-west-1::image/ami-3")
    #expect(image.scope == Self.setting.scope)
    #expect(image.tags == [Tag(key: "Owner", value: "team-a")])
    #expect(image.attributes == ["ImageId": "ami-3", "Public": true])
    #expect(
      image.notes == [
        AttributeNote(
          name: "LaunchPermissions",
          unread: FailureReason(kind: .denied, code: "UnauthorizedOperation", message: "not authorized"))
      ])
    await run.end()
    await run.end()
    await zoo.session.close()
    #expect(zoo.census.begun == 1)
    #expect(zoo.census.ended == 1)
    #expect(zoo.census.destroyed == 1)
  }

  @Test("A failed call reaches the run with its class and words")
  func failedCall() async throws {
    let zoo = try await OpenZoo()
    let run = try await begin(zoo)
    let failure = await #expect(throws: PluginFailure.self) {
      try await run.resume(with: [
        DiscoveryResponse(
          request: 1,
          outcome: .failure(FailureReason(kind: .denied, code: "UnauthorizedOperation", message: "not you")),
          isLastPage: true)
      ])
    }
    #expect(failure?.code == PluginFailure.saidFailed)
    #expect(failure?.message.hasPrefix("version 1.0.0 failed (denied): not you; in resume") ?? false)
    await run.end()
    #expect(zoo.census.ended == 1)
  }

  @Test(
    "A run that cannot be begun is ended at once, exactly once",
    arguments: [
      ("begin-fails", "PluginFailed", "no wish to", 1),
      ("begin-status", "PluginBadData", "returned 9, which means nothing here", 1),
      ("stalled", "PluginStalled", "has no request outstanding", 1),
      ("no-run", "PluginBadData", "began a run and gave none", 0),
      ("request-flags", "PluginBadData", "request 0 has flags that are not known here: 64", 1),
      ("request-twice", "PluginBadData", "request 0 has the number 1 of another one", 1),
      ("request-parameters", "PluginBadData", "the parameters of request 0 are no object", 1),
      ("denied-forever", "PluginStalled", "went on asking for operations that it was not granted", 1),
    ])
  func beginFails(_ mode: String, _ code: String, _ says: String, _ ended: Int) async throws {
    let zoo = try await OpenZoo(mode)
    let failure = await #expect(throws: PluginFailure.self) { try await begin(zoo) }
    #expect(failure?.code == code)
    #expect(failure?.message.contains(says) ?? false, "\(failure?.message ?? "")")
    #expect(zoo.census.ended == ended)
    await zoo.session.close()
    #expect(zoo.census.ended == ended)
  }

  @Test(
    "A resource that breaks the contract voids the call",
    arguments: [
      ("resource-type", "is of type ec2:volume, which its manifest does not name"),
      ("resource-account", "is said to lie in 999999999999/eu-west-1; the run looks at 222222222222/eu-west-1"),
      ("resource-region", "is said to lie in 222222222222/mars-north-1"),
      ("resource-arn", "has \"ami\" for an ARN"), ("resource-id", "the id of resource 0 is empty"),
      ("resource-attributes", "the attributes of resource 0 are no object"),
      ("resource-tags", "the tags of resource 0: 3 items at NULL"),
      ("resource-tag-stride", "the tags of resource 0: the stride is 16"),
      ("note-status", "a note of resource 0 has the status 55"), ("note-name", "a note's name of resource 0 is empty"),
      ("note-size", "note 0: struct_size is 16, expected 64 to 64"),
      ("emits-verdict", "discovery emitted items of kind 3"),
    ])
  func lies(_ mode: String, _ says: String) async throws {
    let zoo = try await OpenZoo(mode)
    let run = try await begin(zoo)
    let failure = await #expect(throws: PluginFailure.self) {
      try await run.resume(with: [page(["ami-1"], last: true)])
    }
    #expect(failure?.code == "PluginBadData")
    #expect(failure?.message.contains(says) ?? false, "\(failure?.message ?? "")")
    let again = await #expect(throws: PluginFailure.self) {
      try await run.resume(with: [page(["ami-1"], last: true)])
    }
    #expect(again?.code == "PluginRunOver")
    await run.end()
    #expect(zoo.census.ended == 1)
  }

  @Test("A run that wants more after its last answer is stalled")
  func stalledLater() async throws {
    let zoo = try await OpenZoo("stalls-later")
    let run = try await begin(zoo)
    let failure = await #expect(throws: PluginFailure.self) {
      try await run.resume(with: [page([], last: true)])
    }
    #expect(failure?.code == "PluginStalled")
    await run.end()
  }

  @Test("An operation outside the grant never leaves the host; the run is told, and so is the log")
  func denied() async throws {
    let zoo = try await OpenZoo("denied")
    let run = try await begin(zoo)
    #expect(run.first.requests.isEmpty)
    #expect(run.first.isDone)
    #expect(zoo.log.lines.map(\.level) == [.warning, .info])
    #expect(zoo.log.lines[0].message.contains("asked for ec2:TerminateInstances, which it was not granted"))
    #expect(zoo.log.lines[1].message == "OperationNotGranted")
    await run.end()
  }

  @Test("A resource that is emitted twice counts once, and is told of")
  func twice() async throws {
    let zoo = try await OpenZoo("resource-twice")
    let run = try await begin(zoo)
    let step = try await run.resume(with: [page(["ami-1"], last: true)])
    #expect(step.resources.map(\.id) == ["ami-1"])
    #expect(zoo.log.lines.count == 1)
    await run.end()
  }

  @Test("Answers that nobody waits for are not handed over")
  func strangers() async throws {
    let zoo = try await OpenZoo()
    let run = try await begin(zoo)
    for responses in [[], [page([], last: true, request: 9)]] {
      let failure = await #expect(throws: PluginFailure.self) { try await run.resume(with: responses) }
      #expect(failure?.code == "PluginRunOver")
    }
    await run.end()
  }

  @Test("Closing the session ends the runs that are left, then the instance; later calls fail")
  func closing() async throws {
    let zoo = try await OpenZoo()
    let first = try await begin(zoo)
    let second = try await begin(zoo)
    await first.end()
    await zoo.session.close()
    #expect(zoo.census.begun == 2)
    #expect(zoo.census.ended == 2)
    #expect(zoo.census.runsAliveAtDestroy == 0)
    await second.end()
    await zoo.session.close()
    #expect(zoo.census.ended == 2)
    #expect(zoo.census.destroyed == 1)
    let failure = await #expect(throws: PluginFailure.self) { try await second.resume(with: [page([], last: true)]) }
    #expect(failure?.code == "PluginClosed")
  }

  @Test("A run that is done at once needs no answers")
  func doneAtOnce() async throws {
    let zoo = try await OpenZoo("done-at-once")
    let run = try await begin(zoo)
    #expect(run.first.isDone)
    await run.end()
    #expect(zoo.census.ended == 1)
  }
}
