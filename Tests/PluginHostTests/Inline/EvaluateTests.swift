import Determinism
import Governance
import Orchestrator
import Testing

@testable import PluginHost

/// A verdict that breaks the contract, and what is said of it.
struct VerdictLie: Sendable, CustomTestStringConvertible {
  var mode: String
  var says: String
  var testDescription: String { mode }
}

let verdictLies: [VerdictLie] = [
  VerdictLie(mode: "index", says: "verdict 0 names resource 2 of a batch of 2"),
  VerdictLie(mode: "check", says: "verdict 0 names check 99 of 3"),
  VerdictLie(mode: "unasked", says: "verdict 0 is by check 1, which was not asked"),
  VerdictLie(mode: "result", says: "verdict 0 has the result 7"),
  VerdictLie(mode: "stride", says: "verdict: the stride is 8, less than the 80 bytes of one item"),
  VerdictLie(mode: "size", says: "verdict 0: struct_size is 8, expected 80 to 80 (the stride)"),
  VerdictLie(mode: "size-beyond-stride", says: "verdict 0: struct_size is 88, expected 80 to 80 (the stride)"),
  VerdictLie(mode: "null-items", says: "verdict: 1 items at NULL"),
  VerdictLie(mode: "utf8", says: "the message of verdict 0 is not UTF-8"),
  VerdictLie(mode: "null-text", says: "the message of verdict 0 has 5 bytes at NULL"),
  VerdictLie(mode: "long-text", says: "the message of verdict 0 has 1099511627776 bytes, more than 1048576"),
  VerdictLie(mode: "many-items", says: "more than 4,000,000 items in one call"),
  VerdictLie(mode: "twice", says: "verdict 0 is the second by zoo.public on one resource"),
  VerdictLie(mode: "kind", says: "a check emitted items of kind 4, which it may not"),
  VerdictLie(mode: "kind-unknown", says: "a check emitted items of kind 99, which it may not"),
  VerdictLie(mode: "thread", says: "used its call from a thread of its own"),
  VerdictLie(mode: "status", says: "returned 77, which means nothing here"),
  VerdictLie(mode: "document-span-0", says: "node 3 spans 0 of 5 nodes"),
  VerdictLie(mode: "document-span-beyond", says: "node 4 spans 9 of 5 nodes"),
  VerdictLie(mode: "document-root-span", says: "its root spans 3 of 5 nodes"),
  VerdictLie(mode: "document-child-beyond", says: "node 3 is a scalar and spans 2 nodes"),
  VerdictLie(mode: "document-container-short", says: "node 4 is one child more than its container says"),
  VerdictLie(mode: "document-container-long", says: "node 4 ends a container that says it has more children"),
  VerdictLie(mode: "document-name-missing", says: "node 1 should be an entry's name"),
  VerdictLie(mode: "document-kind", says: "node 3 has kind 7"),
  VerdictLie(mode: "document-boolean", says: "node 3 is a boolean of value 2"),
  VerdictLie(mode: "document-real", says: "node 3 is not a finite number"),
  VerdictLie(mode: "document-empty-array", says: "node 3 says it has 5 children and has none"),
  VerdictLie(mode: "document-heap", says: "node 4 is text at 1+4096 in a heap of 5 bytes"),
  VerdictLie(mode: "document-offset", says: "node 4 is text at 4294967295+4294967295 in a heap of 5 bytes"),
  VerdictLie(mode: "document-heap-null", says: "node 1 is text at 0+1 in a heap of 5 bytes"),
  VerdictLie(mode: "document-nodes-null", says: "the evidence of verdict 0 has 5 nodes at NULL"),
  VerdictLie(mode: "document-utf8", says: "node 4 is text that is not UTF-8"),
  VerdictLie(mode: "document-deep", says: "is nested more than 64 levels deep"),
]

@Suite struct EvaluateTests {
  @Test("A check's verdicts come back by resource, with message, evidence and reason")
  func happy() async throws {
    let zoo = try await OpenZoo()
    let denied = FailureReason(kind: .denied, code: "UnauthorizedOperation", message: "not authorized")
    let verdicts = try await zoo.evaluate(
      ["zoo.public"],
      [
        .image("ami-1", isPublic: true), .image("ami-2"), .image("ami-3", isPublic: nil),
        .image("ami-4", notes: [AttributeNote(name: "Public", unread: denied)]),
      ])
    #expect(verdicts.map(\.resource) == [0, 1, 2, 3])
    #expect(
      verdicts.map(\.verdict) == [
        .fail(message: "ami-1", evidence: ["ImageId": "ami-1", "Public": true]), .pass, .notApplicable,
        .notEvaluated(denied),
      ])
  }

  @Test("Everything of a resource and of the organization arrives as it is")
  func marshalled() async throws {
    var zoo = try await OpenZoo("resource")
    let expected =
      "ec2:image ami-1 arn:aws:ec2:eu-west-1::image/ami-1 222222222222 eu-west-1 1 tags Owner=tëam now "
      + "\(testTime.nanoseconds)"
    #expect(
      try await zoo.evaluate(["zoo.public"], [.image("ami-1")]).map(\.verdict) == [
        .fail(message: expected, evidence: .emptyObject)
      ])
    zoo = try await OpenZoo("organization")
    #expect(
      try await zoo.evaluate(["zoo.public"], [.image("ami-1")]).map(\.verdict) == [
        .fail(message: "o-zoo: 2 accounts, 1 trusted", evidence: .emptyObject)
      ])
  }

  @Test("A check sees only resources of its types; each answer is for its own place in the batch")
  func types() async throws {
    let zoo = try await OpenZoo()
    let verdicts = try await zoo.evaluate(
      ["zoo.public", "zoo.snapshot"],
      [.snapshot("snap-1", isPublic: true), .image("ami-1", isPublic: true), .snapshot("snap-2"), .image("ami-2")])
    #expect(verdicts.map(\.resource) == [0, 1, 2, 3])
    #expect(verdicts.map(\.check) == ["zoo.snapshot", "zoo.public", "zoo.snapshot", "zoo.public"])
    #expect(verdicts.map { $0.verdict == .pass } == [false, false, true, true])
    #expect(zoo.census.calls == 2)
    #expect(try await zoo.evaluate(["zoo.snapshot"], [.image("ami-1")]).isEmpty)
    #expect(zoo.census.calls == 2)
  }

  @Test("Several checks of the same types share one call")
  func oneCall() async throws {
    let zoo = try await OpenZoo()
    let verdicts = try await zoo.evaluate(["zoo.second", "zoo.public"], [.image("ami-1"), .image("ami-2")])
    #expect(verdicts.map(\.check) == ["zoo.public", "zoo.second", "zoo.public", "zoo.second"])
    #expect(zoo.census.calls == 1)
  }

  @Test("A verdict that is left out is not evaluated")
  func missing() async throws {
    let zoo = try await OpenZoo("missing")
    let verdicts = try await zoo.evaluate(["zoo.public"], [.image("ami-1")])
    guard case .notEvaluated(let reason) = try #require(verdicts.first).verdict else {
      Issue.record("expected not evaluated, found \(verdicts)")
      return
    }
    #expect(reason.code == "NoVerdict")
    #expect(verdicts.count == 1)
  }

  @Test("A verdict that breaks the contract voids the call and is blamed on the plugin", arguments: verdictLies)
  func lies(_ lie: VerdictLie) async throws {
    let zoo = try await OpenZoo(lie.mode)
    let failure = await #expect(throws: PluginFailure.self) {
      try await zoo.evaluate(["zoo.public"], [.image("ami-1"), .image("ami-2")])
    }
    #expect(failure?.plugin == "org.example.zoo")
    #expect(failure?.code == "PluginBadData")
    let message = failure?.message ?? ""
    #expect(message.contains(lie.says), "\(message)")
    #expect(message.contains("version 1.0.0"))
    #expect(message.contains("in evaluate (check zoo.public, 2 resources in 222222222222/eu-west-1)"))
  }

  @Test("A failing call names status, resource and the first reason given; nothing of it counts")
  func fails() async throws {
    let zoo = try await OpenZoo("fails-at-the-end")
    let failure = await #expect(throws: PluginFailure.self) {
      try await zoo.evaluate(["zoo.public"], [.image("ami-1")])
    }
    #expect(failure?.code == PluginFailure.saidFailed)
    #expect(
      failure?.message
        == "version 1.0.0 failed (internal): lost my \u{FFFD}[0mmarbles; in evaluate (check zoo.public, 1 resource in "
        + "222222222222/eu-west-1) on arn:aws:ec2:eu-west-1::image/ami-1")
  }

  @Test("A plugin of a later minor version hands over larger structs")
  func laterPlugin() async throws {
    let zoo = try await OpenZoo("later-plugin")
    let verdicts = try await zoo.evaluate(["zoo.public"], [.image("ami-1", isPublic: true), .image("ami-2")])
    #expect(verdicts.map { $0.verdict == .pass } == [false, true])
  }

  @Test("A plugin of a later minor version sees that this host's structs are smaller")
  func earlierHost() async throws {
    let zoo = try await OpenZoo("earlier-host")
    #expect(
      try await zoo.evaluate(["zoo.public"], [.image("ami-1")]).map(\.verdict) == [
        .fail(message: "has no owner field", evidence: .emptyObject)
      ])
  }

  @Test("A batch of 10,000 is one call")
  func large() async throws {
    let zoo = try await OpenZoo()
    let images = (0..<10_000).map { Resource.image("ami-\($0)", isPublic: $0 % 7 == 0) }
    let verdicts = try await zoo.evaluate(["zoo.public"], images)
    #expect(verdicts.count == 10_000)
    #expect(verdicts.count { $0.verdict != .pass } == 1_429)
    #expect(verdicts[7].verdict == .fail(message: "ami-7", evidence: images[7].attributes))
    #expect(zoo.census.calls == 1)
  }

  @Test("Cancelling the task reaches a plugin that asks")
  func cancelled() async throws {
    let zoo = try await OpenZoo("until-cancelled") { log in
      try ZooFolder().load(.testing(log: log, makeLane: { try ThreadLane(name: $0) }))
    }
    let failure = await withTaskGroup(of: PluginFailure?.self) { group in
      group.addTask {
        do throws(PluginFailure) {
          _ = try await zoo.evaluate(["zoo.public"], [.image("ami-1")])
          return nil
        } catch {
          return error
        }
      }
      group.cancelAll()
      return await group.next() ?? nil
    }
    #expect(failure?.code == "PluginCancelled")
  }

  @Test("Lines of the log are made fit for a terminal and limited")
  func logs() async throws {
    let zoo = try await OpenZoo("logs")
    _ = try await zoo.evaluate(["zoo.public"], [.image("ami-1")])
    let lines = zoo.log.lines
    #expect(lines.first == PluginLogLine(plugin: "org.example.zoo", level: .info, message: "\u{FFFD}[31mred\u{FFFD}"))
    #expect(lines.count == 1_001)
    #expect(lines.last?.level == .warning)
  }

  @Test("Services that do not exist are answered so")
  func service() async throws {
    let zoo = try await OpenZoo("service")
    _ = try await zoo.evaluate(["zoo.public"], [.image("ami-1")])
    #expect(zoo.log.lines.map(\.message) == ["no such service"])
  }

  @Test("A check that the plugin does not have is not asked for")
  func unknownCheck() async throws {
    let zoo = try await OpenZoo()
    let failure = await #expect(throws: PluginFailure.self) { try await zoo.evaluate(["zoo.third"], [.image("a")]) }
    #expect(failure?.code == "UnknownCheck")
  }
}
