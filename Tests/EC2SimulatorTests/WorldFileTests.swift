import Configuration
import FoundationEssentials
import Governance
import Testing

@testable import EC2Simulator

@Suite struct WorldFileTests {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func demo() throws -> World {
    let path = repository.appending(path: "Scenarios/demo.yaml").path
    return try World(source: try YAML.parse(Array(try Data(contentsOf: URL(filePath: path))), file: path))
  }

  @Test("A dump loads again to the same world, as YAML and as JSON, byte for byte")
  func dumps() throws {
    let worlds = [
      try World(yaml: neighbourhood), try Self.demo(),
      try World(
        yaml:
          "seed: 4\nregions: [eu-west-1, us-east-1]\ngenerate: {accounts: 3, imagesPerScope: 4, publicShare: 0.3, foreignShare: 0.3}"
      ),
      .fresh(managementAccount: "012345678901", seed: 1, start: nil, joined: SimulatorClient.start),
    ]
    for world in worlds {
      let dump = world.dump(at: SimulatorClient.start)
      let yaml = YAML.write(dump)
      for text in [yaml, dump.prettyJSON] {
        let again = try World(yaml: text).dump(at: SimulatorClient.start)
        #expect(again.json == dump.json)
        #expect(YAML.write(again) == yaml)
      }
    }
  }

  @Test("A dump carries what calls have changed, and a rollout that is under way")
  func changedDump() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    try owner.call("ec2", "EnableImageBlockPublicAccess", ["ImageBlockPublicAccessState": "block-new-sharing"])
    try owner.call(
      "ec2", "CreateTags", ["Resources": ["ami-00000000000000a03"], "Tags": [["Key": "Owner", "Value": "0123"]]])
    let dump = owner.simulator.worldDump()
    #expect(dump.json.contains("\"becomes\":\"block-new-sharing\""))
    #expect(try World(yaml: YAML.write(dump)).dump(at: owner.simulator.now).json == dump.json)
    owner.simulator.reset()
    #expect(owner.simulator.worldDump().json == (try World(yaml: neighbourhood)).dump(at: SimulatorClient.start).json)
  }

  @Test("A world file's problems come all at once, each with its place and the nearest word")
  func problems() throws {
    let text = """
      seed: 1
      regions: [eu-west-1]
      organization: {management: "111111111111", units: [Prod, Prod]}
      accounts:
        - id: 42
        - {id: "222222222222", unit: Prd, colour: red}
        - {id: "222222222222"}
        - id: "333333333333"
          state: SUSPENED
          imageBlockPublicAccess: {eu-west-2: unblocked}
          images:
            - {name: a, sharedWith: [everybody]}
            - {region: eu-west-1}
            - {name: b, created: yesterday}
          roles: [{name: r, trust: {Statement: []}}]
      """
    let problems = try #require(throws: SourceProblems.self) { try World(yaml: text) }.problems
    let expected = [
      "3:58: the organizational unit Prod is given twice",
      "5:9: \"42\" is no account id; expected twelve digits (quote one that begins with 0)",
      "6:32: the organization has no unit \"Prd\"; did you mean \"Prod\"?",
      "6:37: unknown key \"colour\"; ",
      "7:5: the account 222222222222 is given twice",
      "9:12: \"SUSPENED\" is not known here; did you mean \"SUSPENDED\"?",
      "10:30: the world has no region \"eu-west-2\"; did you mean \"eu-west-1\"?",
      "12:32: \"everybody\" is nobody to share with; expected all, an account id",
      "13:9: an image needs a name",
      "14:28: \"yesterday\" is no time; expected for example 2026-11-23T09:00:00Z",
      "15:30: this is no policy: Statement is empty",
    ]
    #expect(problems.count == expected.count)
    for (problem, text) in zip(problems, expected) {
      #expect(problem.description.hasPrefix("world.yaml:" + text), "\(problem)")
    }
  }

  @Test("The demo organization holds exactly the exposures that its head lists")
  func demoExposures() throws {
    let world = try Self.demo()
    let organization = try #require(world.organizations.first)
    var found: [String] = []
    for (scope, state) in world.scopes where world.account(scope.account)?.isUsable == true {
      guard world.account(scope.account)?.organization == organization.id else { continue }
      for image in state.images.values {
        if image.isPublic { found.append("image.public \(image.id) \(scope.account) \(scope.region)") }
        let isForeign = image.sharedWith.contains { grantee in
          switch grantee {
          case .everyone: false
          case .account(let id): world.account(id)?.organization != organization.id
          case .organization(let arn), .unit(let arn): !arn.contains("/\(organization.id)")
          }
        }
        if isForeign { found.append("image.shared-with-stranger \(image.id) \(scope.account) \(scope.region)") }
        if !image.tags.contains(where: { $0.key == "Owner" && !$0.value.isEmpty }) {
          found.append("image.required-tags \(image.id) \(scope.account) \(scope.region)")
        }
        for snapshot in image.snapshotIDs where state.snapshots[snapshot]?.sharedWith.contains(.everyone) == true {
          found.append("snapshot.public \(snapshot) \(scope.account) \(scope.region)")
        }
        // A plan that makes it private can be undone only where publishing is not blocked.
        if image.isPublic {
          #expect(image.sharedWith.last == .everyone)
          #expect(world.imageBlockPublicAccess(of: scope).state == "unblocked")
        }
      }
      if world.imageBlockPublicAccess(of: scope).state == "unblocked" {
        found.append("image.block-public-access-off \(scope.region) \(scope.account) \(scope.region)")
      }
      if world.snapshotBlockPublicAccess(of: scope).state == "unblocked" {
        found.append("snapshot.block-public-access-off \(scope.region) \(scope.account) \(scope.region)")
      }
    }
    let path = Self.repository.appending(path: "Scenarios/demo.expected").path
    let expected = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    #expect(found.sorted().joined(separator: "\n") + "\n" == expected)
    let head = String(
      decoding: try Data(contentsOf: URL(filePath: Self.repository.appending(path: "Scenarios/demo.yaml").path)),
      as: UTF8.self)
    for line in expected.split(separator: "\n") {
      let words = line.split(separator: " ")
      let isListed = head.split(separator: "\n").contains { row in
        row.hasPrefix("# |") && words.allSatisfy { row.contains($0) }
      }
      #expect(isListed, "the head of demo.yaml lacks \(line)")
    }
    #expect((world.accountsByOrganization[organization.id] ?? []).count == 12)
  }

  @Test("An id that the API would call malformed is refused where it stands")
  func malformedIDs() throws {
    let text = """
      regions: [eu-west-1]
      accounts:
        - id: "111111111111"
          images:
            - {id: ami-0000000000000a01, name: sixteen}
            - {id: ami-00000000000000A02, name: capitals}
          snapshots: [{id: snap-1}]
          volumes: [{id: v-00000000000000a01}]
          instances: [{id: i-00000000, image: ami-00000000000000a03}, {id: i-x, image: ami-00000000000000a03}]
      """
    let problems = try #require(throws: SourceProblems.self) { try World(yaml: text) }.problems
    let told = problems.map { String($0.description.prefix { $0 != ";" }) }
    #expect(
      told == [
        "world.yaml:5:14: \"ami-0000000000000a01\" is no id", "world.yaml:6:14: \"ami-00000000000000A02\" is no id",
        "world.yaml:7:22: \"snap-1\" is no id", "world.yaml:8:20: \"v-00000000000000a01\" is no id",
        "world.yaml:9:70: \"i-x\" is no id",
      ])
  }

  @Test("Ids that a file leaves open come from the seed: equal seeds equal worlds, another seed another world")
  func seeds() throws {
    let text = "regions: [eu-west-1]\norganization: {}\naccounts: [{name: a, images: [{name: web}]}]\n"
    func dump(_ seed: UInt64) throws -> String {
      try World(yaml: text, seed: seed).dump(at: SimulatorClient.start).json
    }
    #expect(try dump(1) == dump(1))
    #expect(try dump(1) != dump(2))
  }

  @Test("A population has the shares it was asked for, and grows without changing what was there")
  func populations() throws {
    let text = { (accounts: Int) in
      "seed: 11\nregions: [eu-west-1, us-east-1]\n"
        + "generate: {accounts: \(accounts), imagesPerScope: 20, publicShare: 0.05, foreignShare: 0.1, tagShare: 0.5}"
    }
    let small = try World(yaml: text(10))
    let large = try World(yaml: text(20))
    for (scope, state) in small.scopes {
      #expect(large.scopes[scope]?.images == state.images)
    }
    let images = large.scopes.values.flatMap { $0.images.values }
    #expect(images.count == 800)
    #expect((15...70).contains(images.count { $0.isPublic }))
    #expect(
      (50...120).contains(images.count { $0.sharedWith.contains { if case .account = $0 { true } else { false } } }))
    #expect((320...480).contains(images.count { $0.tags.contains { $0.key == "Owner" } }))
    #expect(Set(images.map(\.id)).count == 800)
  }
}
