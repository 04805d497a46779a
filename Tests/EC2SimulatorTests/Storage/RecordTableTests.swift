import Determinism
import Governance
import Testing

@testable import EC2Simulator

@Suite("Records in little room")
struct RecordTableTests {
  @Test(
    "An id comes back as it was, and ids are ordered as their texts are",
    arguments: [
      "ami-00123456789abcdef", "ami-0ffffffffffffffff", "ami-12345678", "ami-1abcdef0123456789",
      "snap-00123456789abcdef",
      "vol-ffffffff", "vol-0fedcba9876543210", "ami-0ABCDEF0123456789", "ami-", "", "ami-0\u{E9}bcdef012345678",
    ])
  func idsRoundTrip(text: String) {
    #expect(RecordID(text).text == text)
    #expect(RecordID(text) == RecordID(String(text.reversed().reversed())))
    for other in ["ami-00123456789abcdee", "ami-0f", "snap-0", "vol-", "z", "ami-9"] {
      #expect((RecordID(text) < RecordID(other)) == (text < other))
      #expect((RecordID(other) < RecordID(text)) == (other < text))
    }
  }

  /// One of everything that an image can have.
  static func image(_ number: Int, _ generator: inout SeededGenerator, scope: Scope) -> WorldImage {
    var image = WorldImage(
      id: number.isMultiple(of: 7) ? "ami-\(10_000_000 + number)" : "ami-0\(generator.hexadecimal(digits: 16))",
      owner: scope.account, region: scope.region, name: "image \(number)",
      created: Timestamp(nanoseconds: 1_700_000_000_123_456_789))
    image.state = WorldImage.State.allCases[generator.below(8)]
    if generator.below(2) == 0 { image.deprecation = Timestamp(seconds: 1_800_000_000) }
    image.protection = generator.below(2) == 0 ? .enabled : .coolingDown(until: Timestamp(seconds: 1_750_000_000))
    image.devices = (0..<generator.below(4)).map { device in
      WorldImage.Device(
        name: "/dev/sd\(device)", snapshotID: generator.below(3) == 0 ? nil : "snap-\(number)-\(device)", size: device)
    }
    if generator.below(2) == 0 { image.sharedWith = [.account("111111111111"), .everyone] }
    image.tags = [Tag(key: "Name", value: "n\(generator.below(5))"), Tag(key: "Number", value: "\(number)")]
    image.members[.description] = generator.below(2) == 0 ? "text" : nil
    return image
  }

  @Test("What is put comes back equal, and what is put again replaces it")
  func recordsRoundTrip() {
    let scope = Scope(account: "123456789012", region: "eu-central-1")
    var generator = SeededGenerator(seed: 5)
    var pool = RecordPool()
    var table = RecordTable<WorldImage>()
    var model: [String: WorldImage] = [:]
    for number in 0..<1_500 {
      let image = Self.image(number % 1_000, &generator, scope: scope)
      #expect(table.insert(image, pool: &pool) == model.updateValue(image, forKey: image.id))
      if number.isMultiple(of: 3), let gone = model.keys.min() {
        #expect(table.remove(gone) == model.removeValue(forKey: gone))
      }
    }
    #expect(table.ids == model.keys.sorted())
    #expect(Array(table.values) == model.keys.sorted().compactMap { model[$0] })
    for (id, image) in model { #expect(table[id] == image) }
    #expect(table["ami-0"] == nil)
  }

  @Test(
    "An index finds what looking at every record finds, also after changes",
    arguments: [
      ("name", ["image 12", "image 9*", "*7", "image ?3"]), ("state", ["pending", "dis*"]), ("is-public", ["true"]),
      ("tag-key", ["Name"]), ("tag:Number", ["1?", "200"]), ("tag:Nobody", ["x"]),
      ("block-device-mapping.snapshot-id", ["snap-40-1", "snap-41-*"]), ("description", ["*"]),
      ("owner-id", ["123456789012"]),
    ])
  func indexesAgreeWithScans(name: String, values: [String]) {
    let scope = Scope(account: "123456789012", region: "eu-central-1")
    var generator = SeededGenerator(seed: 6)
    var pool = RecordPool()
    var table = RecordTable<WorldImage>()
    let filter = Filter(name: name, values: values)
    for number in 0..<400 {
      table.insert(Self.image(number, &generator, scope: scope), pool: &pool)
      guard number.isMultiple(of: 50) else { continue }
      let earlier = table
      let before = earlier.places(matching: filter).map(\.id)
      for id in table.ids.prefix(20) { table.remove(id) }
      for var image in table.values.suffix(20) {
        image.state = .disabled
        image.sharedWith = []
        table.insert(image, pool: &pool)
      }
      let scanned = table.values.filter { filter.matches($0.values(of: name)) }
      #expect(table.records(matching: filter) == Array(scanned))
      #expect(table.count(matching: filter) >= scanned.count)
      // A copy keeps what it had.
      #expect(earlier.places(matching: filter).map(\.id) == before)
    }
    #expect(!table.isEmpty)
  }

  @Test("A client that asks for the tags of ever other keys does not fill the memory")
  func indexesAreBounded() {
    let scope = Scope(account: "123456789012", region: "eu-central-1")
    var generator = SeededGenerator(seed: 7)
    var pool = RecordPool()
    var table = RecordTable<WorldImage>()
    for number in 0..<10 { table.insert(Self.image(number, &generator, scope: scope), pool: &pool) }
    for number in 0..<1_000 {
      #expect(table.count(matching: Filter(name: "tag:key \(number)", values: ["*"])) == 0)
    }
    #expect((table.indexes?.count ?? .max) <= 64)
    #expect(table.count(matching: Filter(name: "tag-key", values: ["Name"])) == 10)
  }
}
