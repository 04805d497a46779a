import Governance
import Testing

@testable import EC2Simulator

/// "Indexes, not scans: cost of a filtered listing grows with its answer where AWS's filters allow it." Counted in rows that
/// are looked at, which no machine and no neighbour changes.
@Suite struct ListingCostTests {
  /// Five images that a filter means, among so many others of the same account and of others.
  private static func world(others: Int) throws -> World {
    let wanted = (1...5).map {
      "      - {id: ami-0000000000000aa0\($0), region: eu-west-1, name: rare-\($0), tags: {Team: rare}}\n"
    }
    return try World(
      yaml: """
        seed: 5
        regions: [eu-west-1]
        organization: {management: "111111111111"}
        accounts:
          - {id: "111111111111"}
          - id: "222222222222"
            imageBlockPublicAccess: {eu-west-1: unblocked}
            generate: {images: \(others), regions: [eu-west-1], tags: {Team: common}}
            images:
        \(wanted.joined())
          - id: "333333333333"
            generate: {images: \(others), regions: [eu-west-1], tags: {Team: rare}}
            images: [{id: ami-0000000000000bb01, region: eu-west-1, name: shared, sharedWith: ["222222222222"]}]
        """)
  }

  private static let viewer = Scope(account: "222222222222", region: "eu-west-1")

  private func search(_ world: World, _ filters: [(String, [String])] = [], ids: [String] = [], owners: [String] = [])
    -> RecordSearch<WorldImage>
  {
    RecordSearch<WorldImage>(
      world: world, viewer: Self.viewer, ids: ids, owners: owners, grantees: world.grants(of: Self.viewer.account),
      filters: filters.map { Filter(name: $0.0, values: $0.1) })
  }

  private func looked(_ search: RecordSearch<WorldImage>, limit: Int? = nil) -> Int {
    var count = 0
    let page = Page(limit: limit)
    _ = page.cut(
      search.results(after: nil).lazy.map { row in
        count += 1
        return row
      }, id: \StoredRecord<WorldImage>.id
    ) { $0 }
    return count
  }

  @Test("A filter that an index serves looks at what it finds, in a small world and in one twenty times as large")
  func filters() throws {
    let worlds = [try Self.world(others: 200), try Self.world(others: 4_000)]
    let cases: [(what: String, filters: [(String, [String])], ids: [String], owners: [String], most: Int)] = [
      ("ids", [], ["ami-0000000000000aa01", "ami-0000000000000aa02"], [], 2),
      ("image-id", [("image-id", ["ami-0000000000000aa01"])], [], [], 1),
      ("name", [("name", ["rare-1", "rare-2"])], [], ["222222222222"], 2),
      ("a tag", [("tag:Team", ["rare"])], [], ["222222222222"], 5),
      ("a tag and a state", [("state", ["available"]), ("tag:Team", ["rare"])], [], ["222222222222"], 5),
      ("a tag, of anybody", [("tag:Team", ["rare"])], [], [], 5),
      ("another's", [], [], ["333333333333"], 1),
      ("another's by name", [("name", ["shared"])], [], ["333333333333"], 1),
      ("nothing", [("name", ["none"])], [], [], 0),
    ]
    for example in cases {
      let counts = worlds.map { looked(search($0, example.filters, ids: example.ids, owners: example.owners)) }
      #expect(counts[0] == counts[1], "\(example.what): \(counts)")
      #expect(counts[1] <= example.most, "\(example.what): \(counts)")
    }
  }

  @Test("A page costs its length and one, however many pages there are")
  func pages() throws {
    for others in [200, 4_000] {
      #expect(looked(search(try Self.world(others: others), owners: ["222222222222"]), limit: 50) <= 51)
    }
  }

  @Test("The count can fail: what no index serves looks at every row")
  func scan() throws {
    let counts = try [200, 4_000].map { others in
      looked(search(try Self.world(others: others), [("hypervisor", ["xen"])], owners: ["222222222222"]))
    }
    #expect(counts == [205, 4_005])
  }
}
