import AWSAccess
import AWSWire
import Determinism
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import PluginHost
import Synchronization
import Testing

@testable import ScenarioReplay

/// Each of these was once a green sweep, or a change that nobody granted.
struct HonestyTests {
  /// Answers with a well-formed body that lacks its list.
  private func emptied(_ operation: String, body: String) -> InProcessTransport.FaultHook {
    { request, _ in
      let isAsked =
        String(decoding: request.body, as: UTF8.self).contains("Action=\(operation)&")
        || request.headers["X-Amz-Target"]?.hasSuffix(".\(operation)") == true
      return isAsked ? .answered(HTTPResponse(status: 200, body: Array(body.utf8))) : nil
    }
  }

  private func xml(_ operation: String) -> String {
    "<\(operation)Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId></\(operation)Response>"
  }

  @Test("a listing without its list is a gap, and resolves nothing that was found before")
  func missingLists() throws {
    for (operation, body) in [
      ("DescribeImages", xml("DescribeImages")), ("DescribeSnapshots", xml("DescribeSnapshots")),
      ("ListAccounts", "{}"),
      ("DescribeImageAttribute", xml("DescribeImageAttribute")),
      ("DescribeSnapshotAttribute", xml("DescribeSnapshotAttribute")),
    ] {
      let replay = try Replay.of(try TestWorld.demo(), fault: emptied(operation, body: body))
      try replay.sweep(Replay.options(answersMaximumAge: .zero))
      #expect(try !replay.gaps().isEmpty, "\(operation)")
    }
  }

  @Test("snapshots that were asked for and not answered are not taken for gone")
  func silentSnapshots() throws {
    let body = xml("DescribeSnapshots").replacing("<requestId>", with: "<snapshotSet/><requestId>")
    let replay = try Replay.of(try TestWorld.demo(), fault: emptied("DescribeSnapshots", body: body))
    try replay.sweep()
    #expect(try !replay.gaps().isEmpty)
  }

  @Test("a last role that is not in the account swept is a gap everywhere else: no image is seen under another's name")
  func wrongAccount() throws {
    let replay = try Replay(
      Replay.Setting(
        world: try TestWorld.demo(), scheduleSeed: 1, start: Replay.start,
        chain: [.named("arn:aws:iam::604218839517:role/OrganizationAccountAccessRole")], region: "us-east-1",
        limits: .standard, organization: .organizations(readTags: false), ledger: .memory),
      catalog: ShippedPlugins.host)
    try replay.sweep(Replay.options(checks: ["image.public"]))
    #expect(try replay.findings().allSatisfy { $0.contains("604218839517") })
    #expect(try replay.gaps().count == 9)
  }

  @Test("a selection by units that cannot be known is an error, not an empty sweep")
  func unknownUnits() throws {
    let replay = try Replay.of(try TestWorld.demo()) { request, _ in
      request.headers["X-Amz-Target"]?.hasSuffix(".ListRoots") == true ? .denied("no policy allows it") : nil
    }
    var options = Replay.options()
    options.accounts.include.units = [SelectionRule(key: "organization.include.units", pattern: "ou-nw7m-works001")]
    #expect(throws: SweepError.self) { try replay.sweep(options) }
  }

  @Test("a plan that wants what its plugin was not granted is refused whole, whatever its digest says")
  func forgedPlan() throws {
    let plan = try CrashTests.plan()
    let forgeries: [(inout Action) -> Void] = [
      { $0.call.operation = "DeregisterImage" }, { $0.undo?.operation = "ResetImageAttribute" },
      { $0.plugin = "nobody" }, { $0.precondition.call.operation = "DisableImage" },
      { $0.call.parameters = $0.call.parameters.setting("ImageId", to: "ami-00000000000000fff") },
      { $0.arn = "arn:aws:ec2:eu-west-1::image/*" },
    ]
    for forge in forgeries {
      var forged = plan
      forge(&forged.actions[0])
      let replay = try Replay.of(try CrashTests.world(), region: "eu-west-1")
      let wanted = forged
      #expect {
        try replay.run {
          try await CrashTests.applier(replay, CrashPoint(at: nil)).apply(
            wanted, identity: "x", manifests: ShippedPlugins.host.manifests,
            setting: CrashTests.setting("run-1", wanted),
            stop: StopSignal())
        }
      } throws: { error in
        if case ApplyError.notGranted? = error as? ApplyError { return true }
        return false
      }
      #expect(CrashTests.changes(replay) == [0, 0, 0])
    }
  }

  @Test("a change whose answer and read-back were lost is taken back by undo all the same")
  func lostOutcome() throws {
    let plan = try CrashTests.plan()
    let lost = Lost()
    let replay = try Replay.of(try CrashTests.world(), region: "eu-west-1") { request, _ in
      lost.fault(for: String(decoding: request.body, as: UTF8.self))
    }
    let before = replay.simulator.worldDump()
    let outcome = try replay.run {
      try await CrashTests.applier(replay, CrashPoint(at: nil)).apply(
        plan, identity: "plan-1", manifests: ShippedPlugins.host.manifests, setting: CrashTests.setting("run-1", plan),
        stop: StopSignal())
    }
    #expect(outcome.count(.failed) == 1)
    #expect(replay.simulator.worldDump() != before)
    lost.end()
    _ = try replay.run {
      try await CrashTests.applier(replay, CrashPoint(at: nil)).undo(
        "run-1", action: nil, setting: CrashTests.setting("run-2", plan), stop: StopSignal())
    }
    #expect(replay.simulator.worldDump() == before)
  }
}

/// From the first change on, no answer about launch permissions comes back; what was asked for is done.
private final class Lost: Sendable {
  private let state = Mutex((changed: false, ended: false))

  func end() { state.withLock { $0.ended = true } }

  func fault(for body: String) -> Fault? {
    state.withLock { state in
      guard !state.ended else { return nil }
      if body.contains("Action=ModifyImageAttribute") {
        state.changed = true
        return .reset(handled: true)
      }
      return state.changed && body.contains("Action=DescribeImageAttribute") ? .denied("no policy allows it") : nil
    }
  }
}
