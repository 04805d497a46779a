import EC2Simulator
import Governance
import Testing

@testable import ScenarioReplay

struct SwarmOracleTests {
  private static let world = """
    version: 1
    regions: [eu-west-1]
    organization: { id: o-own0000001, management: "100000000001", units: [{ id: ou-own1-00000001, name: Shop }] }
    organizations: [{ id: o-oth0000001, management: "900000000002" }]
    defaults: { imageBlockPublicAccess: unblocked, snapshotBlockPublicAccess: block-new-sharing }
    accounts:
      - { id: "100000000001" }
      - { id: "900000000001", organization: none }
      - id: "200000000001"
        images:
          - { id: ami-00000000000000001, name: a, tags: { Owner: x }, sharedWith: SHARES, snapshot: { sharedWith: [all] } }
          - { id: ami-00000000000000002, name: b, tags: { Owner: " " } }
    """

  private func failing(_ shares: String, trusted: [String] = []) throws -> [String] {
    let world = try TestWorld.yaml(Self.world.replacing("SHARES", with: shares))
    let oracle = SwarmOracle(checks: SwarmScenario.checks, trusted: trusted, requiredTags: ["Owner"])
    return oracle.failing(
      in: Scope(account: "200000000001", region: "eu-west-1"), of: world, at: Replay.start
    ).map { "\($0.check) \($0.resource.id.suffix(1))" }
  }

  @Test("what is in a world fails the checks that it should")
  func checks() throws {
    let always = ["image.block-public-access-off 1", "image.required-tags 2"]
    func expect(_ shares: String, trusted: [String] = [], _ more: [String]) throws {
      let found = try failing(shares, trusted: trusted).filter { !$0.hasPrefix("snapshot.public") }
      #expect(found.sorted() == (always + more).sorted(), "\(shares)")
    }
    try expect("[all]", ["image.public 1"])
    try expect("[\"900000000001\"]", ["image.shared-with-stranger 1"])
    try expect("[\"900000000001\"]", trusted: ["900000000001"], [])
    try expect("[\"200000000001\", \"100000000001\"]", [])
    try expect("[\"arn:aws:organizations::100000000001:ou/o-own0000001/ou-own1-00000001\"]", [])
    try expect(
      "[\"arn:aws:organizations::900000000002:ou/o-oth0000001/ou-oth1-00000001\", all]",
      ["image.public 1", "image.shared-with-stranger 1"])
    try expect(
      "[\"arn:aws:organizations::900000000002:ou/o-oth0000001/ou-oth1-00000001\"]",
      trusted: ["arn:aws:organizations::900000000002:organization/o-oth0000001"], [])
    #expect(try failing("[]").contains { $0.hasPrefix("snapshot.public") })
  }
}
