import Governance
import Orchestrator
import Testing

@testable import Ledger

@Suite struct InventoryTests {
  private func commit(_ ledger: SQLiteLedger, _ result: ScopeResult, minute: Int64) async throws {
    try await ledger.beginSweep(sweep("s\(minute)", at: at(minute)))
    try await ledger.commit(result, sweep: "s\(minute)", now: at(minute))
  }

  @Test("A resource comes back as it was, with its times")
  func roundTrip() async throws {
    let ledger = try memoryLedger()
    let notes = [
      AttributeNote(name: "LaunchPermissions", unread: FailureReason(kind: .denied, code: "X", message: "é")),
      AttributeNote(name: "LastLaunchedTime", readAt: at(-60)),
    ]
    var stored = image("ami-1", attributes: ["Name": "web", "Size": 8, "Ratio": 0.5, "Nothing": .null], notes: notes)
    stored.tags = [Tag(key: "b", value: ""), Tag(key: "a", value: "😀")]
    try await commit(ledger, result([stored]), minute: 0)
    try await commit(ledger, result([stored]), minute: 5)
    let found = try #require(try await ledger.resources(matching: ResourceQuery()).first)
    #expect(found.resource.key == stored.key)
    #expect(found.resource.arn == stored.arn)
    #expect(found.resource.tags == stored.tags)
    #expect(found.resource.attributes == stored.attributes)
    #expect(found.resource.notes == notes)
    #expect(found.firstSeen == at(0))
    #expect(found.lastSeen == at(5))
    #expect(found.goneSince == nil)
  }

  @Test("What a complete listing lacks is gone, and may come back")
  func gone() async throws {
    let ledger = try memoryLedger()
    try await commit(ledger, result([image("ami-1"), image("ami-2")]), minute: 0)
    try await commit(ledger, result([image("ami-2")]), minute: 1)
    try await commit(ledger, result([image("ami-2")]), minute: 2)
    #expect(try await ledger.resources(matching: ResourceQuery()).map(\.resource.id) == ["ami-2"])
    let all = try await ledger.resources(matching: ResourceQuery(ids: ["ami-1"], includesGone: true))
    #expect(all.map(\.goneSince) == [at(1)])
    try await commit(ledger, result([image("ami-1"), image("ami-2")]), minute: 3)
    let back = try await ledger.resources(matching: ResourceQuery(ids: ["ami-1"]))
    #expect(back.map(\.goneSince) == [nil])
    #expect(back.map(\.firstSeen) == [at(0)])
  }

  @Test("A type that was not listed completely loses nothing, and another scope neither")
  func notListed() async throws {
    let ledger = try memoryLedger()
    try await commit(ledger, result([image("ami-1")]), minute: 0)
    var other = result([])
    other.completeTypes = ["ec2:snapshot"]
    try await commit(ledger, other, minute: 1)
    try await commit(ledger, result([], in: Scope(account: scope.account, region: "us-east-1")), minute: 2)
    try await commit(ledger, result([], coverage: .throttledOut), minute: 3)
    #expect(try await ledger.resources(matching: ResourceQuery()).count == 1)
  }

  @Test("Attributes that were not asked for now are kept, with the time they were read")
  func keptAttributes() async throws {
    let ledger = try memoryLedger()
    let full: Document = ["Public": true, "LaunchPermissions": [["Group": "all"]]]
    try await commit(
      ledger, result([image("ami-1", attributes: full)], wanted: ["Public", "LaunchPermissions"]), minute: 0)
    let narrow = result([image("ami-1", attributes: ["Public": false])])
    try await commit(ledger, narrow, minute: 1)
    try await commit(ledger, narrow, minute: 2)
    let kept = try #require(try await ledger.resources(matching: ResourceQuery()).first)
    #expect(kept.resource.attributes == full.setting("Public", to: false))
    #expect(kept.resource.notes == [AttributeNote(name: "LaunchPermissions", readAt: at(0))])
    #expect(kept.lastSeen == at(2))

    let wide = result([image("ami-1", attributes: ["Public": false])], wanted: ["Public", "LaunchPermissions"])
    try await commit(ledger, wide, minute: 3)
    let now = try #require(try await ledger.resources(matching: ResourceQuery()).first)
    #expect(now.resource.attributes == ["Public": false])
    #expect(now.resource.notes.isEmpty)
  }

  @Test("An attribute that could not be read now is not answered from before")
  func unreadNow() async throws {
    let ledger = try memoryLedger()
    try await commit(ledger, result([image("ami-1", attributes: ["Public": true, "X": 1])]), minute: 0)
    let note = AttributeNote(name: "X", unread: FailureReason(kind: .throttled, code: "Throttling", message: ""))
    try await commit(ledger, result([image("ami-1", notes: [note])]), minute: 1)
    let found = try #require(try await ledger.resources(matching: ResourceQuery()).first)
    #expect(found.resource.attributes["X"] == nil)
    #expect(found.resource.notes == [note])
  }

  @Test("An unchanged resource is not written again")
  func unchanged() async throws {
    let fault = Fault()
    let ledger = try memoryLedger { sql throws(LedgerError) in try fault.pass(sql) }
    try await commit(ledger, result([image("ami-1")]), minute: 0)
    fault.arm(0)
    try await commit(ledger, result([image("ami-1")]), minute: 1)
    let statements = fault.statements
    #expect(statements.filter { $0.contains("UPDATE resources") }.count == 1)
    #expect(!statements.contains { $0.contains("UPDATE contents") || $0.contains("INSERT INTO contents") })
  }

  @Test("A resource of another scope, or a verdict on none, is refused whole")
  func misplaced() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("s"))
    let before = try await ledger.dump()
    let foreign = image("ami-1", in: Scope(account: "222222222222", region: scope.region))
    await #expect(throws: LedgerError.self) {
      try await ledger.commit(result([image("ami-2"), foreign]), sweep: "s", now: at(0))
    }
    await #expect(throws: LedgerError.self) {
      try await ledger.commit(result([], [verdict(.pass)]), sweep: "s", now: at(0))
    }
    await #expect(throws: LedgerError.self) {
      try await ledger.commit(result([image("ami-2")]), sweep: "never-begun", now: at(0))
    }
    #expect(try await ledger.dump() == before)
  }

  @Test("An answer is given again while it is young enough, and the newest one counts")
  func answers() async throws {
    let ledger = try memoryLedger()
    try await ledger.beginSweep(sweep("s"))
    let call = APICall(service: "ec2", operation: "DescribeImageAttribute", parameters: ["ImageId": "ami-1"])
    let key = AnswerKey(scope: scope, call: call)
    func answer(_ body: Document, minute: Int64) -> RecordedAnswer {
      RecordedAnswer(key: key, body: body, readAt: at(minute))
    }
    try await ledger.commit(result([], answers: [answer(["a": 1], minute: 3)]), sweep: "s", now: at(3))
    try await ledger.commit(result([], answers: [answer(["a": 0], minute: 1)]), sweep: "s", now: at(4))
    let found = try #require(try await ledger.recordedAnswer(to: key, notBefore: at(3)))
    #expect(found.body == ["a": 1])
    #expect(found.readAt == at(3))
    #expect(try await ledger.recordedAnswer(to: key, notBefore: at(4)) == nil)
    let other = AnswerKey(scope: scope, call: APICall(service: "ec2", operation: "X", parameters: .emptyObject))
    #expect(try await ledger.recordedAnswer(to: other, notBefore: at(0)) == nil)
  }
}
