import Configuration
import Determinism
import EC2Simulator
import Governance
import Orchestrator
import Testing

@testable import ScenarioReplay

/// A simulated organization is recorded, and the recording is swept.
struct RecordingTests {
  private struct Recorded {
    var text: String
    var unread: [String]
    var pseudonyms: Pseudonyms
  }

  private func record(_ replay: Replay, salt: String = "sixteen bytes of salt") throws -> Recorded {
    let pseudonyms = Pseudonyms(salt: Array(salt.utf8), keptTagKeys: ["Owner", "Name"])
    let recorder = WorldRecorder(
      cloud: replay.cloud, pseudonyms: pseudonyms, now: replay.executor.now, homeRegion: "us-east-1", progress: { _ in }
    )
    let recording = try replay.run { try await recorder.record(AccountSelection(), regions: Selection()) }
    return Recorded(
      text: try recorder.file(recording, yaml: YAML.write), unread: recording.unread, pseudonyms: pseudonyms)
  }

  @Test("the recording of the demo shows the demo's findings under their pseudonyms, and none of its ids and names")
  func demo() throws {
    let world = try TestWorld.demo()
    let recorded = try record(try Replay.of(world))
    #expect(recorded.unread == [])
    let names = recorded.pseudonyms
    let replay = try Replay.of(try TestWorld.yaml(recorded.text))
    try replay.sweep()
    let expected = try TextFile.lines("Scenarios/demo.expected").map { line in
      let words = line.split(separator: " ").map(String.init)
      // Settings of a region are known by the region.
      let resource = words[1].hasPrefix("ami-") || words[1].hasPrefix("snap-") ? names.resource(words[1]) : words[1]
      return "\(words[0]) \(resource) \(names.account(words[2])) \(words[3])"
    }
    #expect(try replay.findings() == expected.sorted())
    #expect(try replay.gaps() == [])
    for original in telling(of: world) { #expect(!recorded.text.contains(original), "\(original)") }
    #expect(recorded.text.contains("Owner:"))
  }

  /// Everything of a world that tells whose it is.
  private func telling(of world: World) -> [String] {
    var telling: [String] = world.organizations.flatMap { organization in
      [organization.id, organization.root] + organization.units.map(\.id)
    }
    telling += world.organizations.flatMap { $0.units.map(\.name) }.filter { $0.count > 8 }
    for account in world.accountIDs {
      telling.append(account)
      telling += world.account(account).map { [$0.email, $0.name] } ?? []
      for region in world.regions {
        let state = world.state(of: Scope(account: account, region: region.name))
        telling += state.imageIDs + state.snapshotIDs
        telling += state.imageIDs.compactMap { state.images[$0]?.name }
      }
    }
    return telling.filter { !$0.isEmpty }
  }

  @Test("the same salt gives the same file, another one another")
  func salts() throws {
    let first = try record(try Replay.of(try TestWorld.demo()))
    #expect(try record(try Replay.of(try TestWorld.demo(), seed: 2)).text == first.text)
    #expect(try record(try Replay.of(try TestWorld.demo()), salt: "another sixteen bytes").text != first.text)
  }

  @Test("what could not be read is listed by its place and code, and names nobody")
  func unread() throws {
    let world = try TestWorld.yaml(
      """
      seed: 5
      regions: [us-east-1]
      organization: { management: "100000000001" }
      accounts:
      - { id: "100000000001", name: root-of-all }
      - { id: "100000000002", name: closed-to-us, roles: [] }
      - id: "100000000003"
        name: half-open
        roles:
        - name: OrganizationAccountAccessRole
          policies:
          - Version: "2012-10-17"
            Statement:
            - { Effect: Allow, Action: "*", Resource: "*" }
            - { Effect: Deny, Action: ec2:DescribeImageAttribute, Resource: "*" }
        images:
        - { id: ami-0123456789abcdef0, name: seen-but-not-read, sharedWith: [all, "100000000001"] }
      """)
    let recorded = try record(try Replay.of(world))
    let closed = recorded.pseudonyms.account("100000000002")
    let half = recorded.pseudonyms.account("100000000003")
    #expect(
      recorded.unread
        == [
          "\(closed): AssumeRole: AccessDenied", "\(half)/us-east-1: DescribeImageAttribute: UnauthorizedOperation",
        ].sorted())
    for line in recorded.unread { #expect(recorded.text.contains("# - \(line)")) }
    for name in ["closed-to-us", "half-open", "100000000003", "seen-but-not-read"] {
      #expect(!recorded.text.contains(name))
    }
    // That it is public came with the listing.
    let again = try TestWorld.yaml(recorded.text)
    let image = again.state(of: Scope(account: half, region: "us-east-1")).images.values.first
    #expect(image?.isPublic == true)
  }

  @Test("pseudonyms keep their kind: accounts stay twelve digits, units keep their root, foreign ids change too")
  func kinds() {
    let names = Pseudonyms(salt: Array("sixteen bytes of salt".utf8), keptTagKeys: ["Owner"])
    let account = names.account("012345678901")
    #expect(Account.isID(account) && account != "012345678901" && account == names.account("012345678901"))
    #expect(names.unit("ou-ab12-cdefgh34").hasPrefix("ou-\(names.root("r-ab12").dropFirst(2))-"))
    #expect(names.resource("ami-0123456789abcdef0").count == "ami-0123456789abcdef0".count)
    let arn = "arn:aws:organizations::210987654321:ou/o-theirs0001/ou-ab12-partners1"
    let grantee = names.grantee(["OrganizationalUnitArn": Document(arn)])
    #expect(
      grantee
        == "arn:aws:organizations::\(names.account("210987654321")):ou/\(names.organization("o-theirs0001"))/"
        + names.unit("ou-ab12-partners1"))
    #expect(names.tag(Tag(key: "owner", value: "anna")).key == "owner")
    #expect(names.tag(Tag(key: "owner", value: "anna")).value != "anna")
    #expect(names.tag(Tag(key: "Project", value: "x")).key != "Project")
    #expect(names.tag(Tag(key: "Project", value: "x")) == names.tag(Tag(key: "Project", value: "x")))
  }
}
