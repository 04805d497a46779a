import Determinism
import Foundation
import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct ContainmentTests {
  private func code(_ verdict: Verdict) -> String {
    guard case .notEvaluated(let reason) = verdict else { return "evaluated" }
    return reason.code
  }

  @Test(
    "In a sandbox a plugin says what it says in this process",
    arguments: ["", "resource", "organization", "missing", "earlier-host", "later-plugin"])
  func sameWords(mode: String) async throws {
    let denied = FailureReason(kind: .denied, code: "UnauthorizedOperation", message: "not authorized")
    let batch: [Resource] = [
      .snapshot("snap-1", isPublic: true), .image("ami-1", isPublic: true), .image("ami-2"),
      .image("ami-3", isPublic: nil), .image("ami-4", notes: [AttributeNote(name: "Public", unread: denied)]),
    ]
    for checks in [["zoo.public"], ["zoo.second", "zoo.public"], ["zoo.public", "zoo.snapshot"]] {
      let inline = try await OpenZoo(mode).evaluate(checks, batch)
      let caged = try await CagedZoo(mode).evaluate(checks, batch)
      #expect(inline.map(\.verdict) == caged.map(\.verdict))
      #expect(inline.map(\.check) == caged.map(\.check) && inline.map(\.resource) == caged.map(\.resource))
      #expect(!inline.isEmpty)
    }
  }

  @Test("A plugin that lies about one image is found out with the same words", arguments: verdictLies)
  func lies(_ lie: VerdictLie) async throws {
    let zoo = try await CagedZoo(lie.mode)
    let verdicts = try await zoo.evaluate(["zoo.public"], [.image("ami-1")])
    guard case .notEvaluated(let reason) = try #require(verdicts.first).verdict else {
      Issue.record("expected not evaluated, found \(verdicts)")
      return
    }
    if lie.mode == "thread" {
      #expect(reason.code == "PluginForbidden")
      return
    }
    #expect(reason.code == "PluginBadData")
    let says = lie.says.replacingOccurrences(of: "resource 2 of a batch of 2", with: "resource 1 of a batch of 1")
    #expect(reason.message.contains(says), "\(reason.message)")
    #expect(reason.message.contains("in evaluate (check zoo.public, 1 resource in 222222222222/eu-west-1)"))
  }

  struct Silence: Sendable, CustomTestStringConvertible {
    var mode: String
    var bad: [Int]
    var testDescription: String { "\(mode) \(bad)" }
  }

  @Test(
    "Exactly the images that a plugin dies of are not evaluated, whether it says where it is or not",
    arguments: [
      Silence(mode: "told-crash", bad: [0]), Silence(mode: "told-crash", bad: [3, 17, 18, 49]),
      Silence(mode: "crash", bad: [0, 49]), Silence(mode: "crash", bad: [7, 8, 9]),
      Silence(mode: "mute-crash", bad: [0]), Silence(mode: "mute-crash", bad: [13, 14, 49]),
      Silence(mode: "mute-trap", bad: [25]), Silence(mode: "mute-crash", bad: []),
    ])
  func exactly(_ silence: Silence) async throws {
    let zoo = try await CagedZoo("crime-\(silence.mode)")
    let batch = (0..<50).map { Resource.image(silence.bad.contains($0) ? "ami-bad-\($0)" : "ami-\($0)") }
    let verdicts = try await zoo.evaluate(["zoo.public"], batch)
    #expect(verdicts.map(\.resource) == Array(0..<50))
    #expect(verdicts.filter { $0.verdict != .pass }.map(\.resource) == silence.bad)
    #expect(silence.bad.allSatisfy { code(verdicts[$0].verdict) == "PluginCrashed" })
  }

  @Test(
    "The check that fell is not evaluated on that image; the plugin's other checks are",
    arguments: ["told-", "mute-", ""])
  func oneCheck(prefix: String) async throws {
    let zoo = try await CagedZoo("crime-\(prefix)only-1-trap")
    let verdicts = try await zoo.evaluate(
      ["zoo.public", "zoo.second"], [.image("ami-1"), .image("ami-bad", isPublic: true), .image("ami-3")])
    #expect(verdicts.map(\.check) == Array(repeating: ["zoo.public", "zoo.second"], count: 3).flatMap { $0 })
    #expect(
      verdicts.filter { code($0.verdict) == "PluginCrashed" }.map { [$0.resource, $0.check == "zoo.second" ? 1 : 0] }
        == [[1, 1]])
    #expect(verdicts[2].verdict == .fail(message: "ami-bad", evidence: ["ImageId": "ami-bad", "Public": true]))
  }

  @Test("A hang that the plugin does not place is found by halves, in less time each")
  func hang() async throws {
    let zoo = try await CagedZoo("crime-mute-loop", limit: .seconds(1))
    let verdicts = try await zoo.evaluate(["zoo.public"], [.image("ami-1"), .image("ami-bad"), .image("ami-3")])
    #expect(verdicts.map { code($0.verdict) } == ["evaluated", "PluginTimedOut", "evaluated"])
  }

  @Test("A plugin that mostly falls is put into quarantine, and told of once")
  func quarantine() async throws {
    let zoo = try await CagedZoo("crime-told-trap")
    let batch = (0..<100).map { Resource.image("ami-bad-\($0)") }
    let failure = await #expect(throws: PluginFailure.self) { try await zoo.evaluate(["zoo.public"], batch) }
    #expect(failure?.code == "PluginQuarantined")
    #expect(
      failure?.message.contains(
        "in quarantine after 20 falls beside 0 resources that it got over; the last one: version 1.0.0 crashed with SIGILL"
      ) ?? false)
    let again = await #expect(throws: PluginFailure.self) { try await zoo.evaluate(["zoo.public"], [.image("ami-1")]) }
    #expect(again?.code == "PluginQuarantined")
    #expect(zoo.quarantined.plugins.map(\.plugin) == ["org.example.zoo"])
    #expect(zoo.quarantined.plugins.first?.reason == failure?.message)
    #expect(zoo.quarantined.plugins.first?.library == Digest.sha256(try Zoo.library()))
  }

  @Test("A plugin that falls on one in fifty is not")
  func tolerated() async throws {
    let zoo = try await CagedZoo("crime-told-trap")
    for round in 0..<3 {
      let batch = (0..<500).map { Resource.image($0 % 50 == 7 ? "ami-bad-\($0)" : "ami-\(round)-\($0)") }
      let verdicts = try await zoo.evaluate(["zoo.public"], batch)
      #expect(verdicts.filter { $0.verdict != .pass }.map(\.resource) == stride(from: 7, to: 500, by: 50).map { $0 })
    }
    #expect(zoo.quarantined.plugins.isEmpty)
  }

  @Test("What was quarantined earlier is not started; another build of it is")
  func quarantinedEarlier() async throws {
    let earlier = QuarantinedPlugin(
      plugin: "org.example.zoo", version: "1.0.0", library: Digest.sha256(try Zoo.library()), reason: "fell")
    let zoo = try await CagedZoo(quarantined: [earlier])
    let failure = await #expect(throws: PluginFailure.self) {
      try await zoo.evaluate(["zoo.public"], [.image("ami-1")])
    }
    #expect(failure?.code == "PluginQuarantined")
    #expect(failure?.message == "fell; to try it again: reeve plugin reset org.example.zoo")
    let other = try await CagedZoo(
      library: try Zoo.library(["ZOO_ANOTHER_BUILD"], flags: ["-O1"]), quarantined: [earlier])
    #expect(try await other.evaluate(["zoo.public"], [.image("ami-1")]).map(\.verdict) == [.pass])
  }

  @Test("A plugin that dies of being made costs its own verdicts, not the sweep")
  func createCrashes() async throws {
    let zoo = try await CagedZoo("create-crash")
    let failure = await #expect(throws: PluginFailure.self) {
      try await zoo.evaluate(["zoo.public"], [.image("ami-1")])
    }
    #expect(failure?.code == "PluginCrashed")
    await #expect(throws: PluginFailure.self) { _ = try await CagedZoo("create-fails") }
  }

  @Test("A tagger that dies of one image proposes for the others")
  func tagger() async throws {
    let zoo = try await CagedZoo("tag-crash")
    let operations = try await zoo.session.propose(
      plugin: "org.example.zoo", resources: [.image("ami-1"), .image("ami-bad"), .image("ami-3")], now: testTime)
    #expect(Set(operations.map(\.resource)) == [0, 2])
    #expect(zoo.log.lines.contains { $0.fault == "PluginCrashed" })
  }

  @Test("Cancelling the task reaches a plugin in its process")
  func cancelled() async throws {
    let zoo = try await CagedZoo("until-cancelled", makeLane: { try ThreadLane(name: $0) })
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

  @Test("Lines of the log come through, as limited as in this process")
  func logs() async throws {
    let zoo = try await CagedZoo("logs")
    _ = try await zoo.evaluate(["zoo.public"], [.image("ami-1")])
    #expect(
      zoo.log.lines.first == PluginLogLine(plugin: "org.example.zoo", level: .info, message: "\u{FFFD}[31mred\u{FFFD}"))
    #expect(zoo.log.lines.count == 1_001)
    #expect(zoo.log.lines.last?.level == .warning)
  }

  @Test("Several workers evaluate at the same time, each in a process of its own")
  func workers() async throws {
    let zoo = try await CagedZoo(
      "crime-told-trap", settings: .testing(workers: 3), makeLane: { try ThreadLane(name: $0) })
    let counts = try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<12 {
        group.addTask {
          let batch = (0..<200).map { Resource.image($0 == task * 10 ? "ami-bad" : "ami-\(task)-\($0)") }
          return try await zoo.evaluate(["zoo.public"], batch).count { $0.verdict != .pass }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts == Array(repeating: 1, count: 12))
    await zoo.session.close()
  }
}
