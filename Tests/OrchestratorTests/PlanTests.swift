import Governance
import Testing

@testable import Orchestrator

struct PlanTests {
  /// A digest that is good enough to notice a change.
  private let digest: ([UInt8]) -> String = { bytes in
    String(bytes.reduce(UInt64(1_469_598_103)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }, radix: 16)
  }

  private func plan() throws -> Plan {
    let resource = Resource(
      type: "ec2:image", id: "ami-1", arn: "arn:aws:ec2:eu-central-1::image/ami-1", account: "111122223333",
      region: "eu-central-1", tags: [Tag(key: "owner", value: "team-a")])
    let actions = try TagActions.actions(
      for: TagOperation(resource: 0, key: "owner", kind: .rename(to: "Owner"), reason: "spelling"), on: resource,
      plugin: "tags", check: "image.required-tags")
    return Plan(
      createdAt: Timestamp(seconds: 1_795_428_000), organization: "o-1", sweep: "sweep-1", actions: actions,
      leftToPeople: ["image.public ami-2"])
  }

  @Test("a plan file reads back equal")
  func roundTrip() throws {
    let plan = try plan()
    #expect(try Plan(file: Array(plan.file(digest: digest).utf8), digest: digest) == plan)
  }

  @Test("any altered character is refused, whatever it says")
  func altered() throws {
    let file = try plan().file(digest: digest)
    for (old, new) in [("ami-1", "ami-9"), ("111122223333", "111122224444"), ("team-a", "team-b")] {
      #expect(throws: Plan.FileError.altered) {
        try Plan(file: Array(file.replacing(old, with: new).utf8), digest: digest)
      }
    }
    #expect(throws: Plan.FileError.version(2)) {
      try Plan(file: Array(file.replacing(#""planVersion": 1"#, with: #""planVersion": 2"#).utf8), digest: digest)
    }
    #expect(throws: Plan.FileError.self) { try Plan(file: Array("{}".utf8), digest: digest) }
    #expect(throws: Plan.FileError.self) { try Plan(file: Array("plan".utf8), digest: digest) }
  }

  @Test("a renamed tag is set under its new key before it goes from the old one")
  func rename() throws {
    let actions = try plan().actions
    #expect(actions.map(\.call.operation) == ["CreateTags", "DeleteTags"])
    #expect(actions[0].undo?.operation == "DeleteTags")
    #expect(actions[1].undo?.parameters.at(path: "Tags.0.Value")?.string == "team-a")
  }

  @Test("an inverted action calls the undo, and its precondition is what the call brought about")
  func inverted() throws {
    let action = try plan().actions[0]
    let inverse = try #require(action.inverted)
    #expect(inverse.call == action.undo)
    #expect(inverse.precondition == action.verification)
    #expect(inverse.verification == action.precondition)
    #expect(inverse.inverted?.call == action.call)
  }

  @Test("AWS's own tags are never touched")
  func reserved() {
    let resource = Resource(type: "ec2:image", id: "ami-1", arn: "", account: "1", region: "r")
    #expect(throws: PluginFailure.self) {
      try TagActions.actions(
        for: TagOperation(resource: 0, key: "aws:owner", kind: .set(value: "x"), reason: ""), on: resource, plugin: "p",
        check: "c")
    }
  }

  @Test("budgets count per run, per account and per day over the whole organization")
  func budgets() throws {
    let actions = try plan().actions
    let wide = Budgets(
      actionsPerRun: 10, actionsPerAccount: 10, actionsPerDay: 10, failureRate: 0.1, planMaximumAge: .seconds(60))
    #expect(wide.broken(by: actions, changedInLastDay: 8).isEmpty)
    #expect(wide.broken(by: actions, changedInLastDay: 9).count == 1)
    var narrow = wide
    narrow.actionsPerRun = 1
    narrow.actionsPerAccount = 1
    #expect(narrow.broken(by: actions, changedInLastDay: 0).count == 2)
  }
}
