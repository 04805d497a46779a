import AWSAccess
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import Testing

@testable import ScenarioReplay

/// Calls that are handed over as values mean what they mean over a wire.
struct DirectExchangeTests {
  private func replay(usesWire: Bool) throws -> Replay {
    var setting = Replay.Setting(
      world: try TestWorld.demo(), scheduleSeed: 3, start: Replay.start,
      chain: [.named("OrganizationAccountAccessRole")], region: "us-east-1", limits: .standard,
      organization: .organizations(readTags: true), ledger: .memory)
    setting.usesWire = usesWire
    return try Replay(setting, catalog: ShippedPlugins.host)
  }

  @Test("the demo's ledger is byte for byte the same with and without a wire")
  func ledgers() throws {
    let direct = try replay(usesWire: false)
    let wire = try replay(usesWire: true)
    try direct.sweep()
    try wire.sweep()
    let (left, right) = (direct.ledger, wire.ledger)
    #expect(try direct.run { try await left.dump() } == (try wire.run { try await right.dump() }))
    #expect(direct.simulator.calls.counts == wire.simulator.calls.counts)
    #expect(direct.simulator.calls.total > 100)
    #expect(direct.transcript.text != wire.transcript.text)
  }

  @Test("what the model does not allow is refused before anything is sent, with the same words")
  func parameters() throws {
    for usesWire in [false, true] {
      let replay = try replay(usesWire: usesWire)
      let call = APICall(service: "ec2", operation: "DescribeImages", parameters: ["Owner": ["self"]])
      do {
        _ = try replay.run {
          let caller = try await replay.cloud.callerIdentity()
          return try await replay.cloud.session(account: caller.account, permissions: .reading(actions: []))
            .perform(call, in: "us-east-1")
        }
        Issue.record("an unknown parameter was sent")
      } catch let reason as FailureReason {
        #expect(reason.code == "InvalidParameters")
        #expect(reason.message.hasPrefix("ec2:DescribeImages: "), "\(reason.message)")
        #expect(reason.message.contains("unknown parameter Owner"), "\(reason.message)")
      }
      #expect(replay.simulator.calls.count(of: "ec2:DescribeImages") == 0)
    }
  }
}
