import Determinism
import Governance
import Orchestrator

/// Resources for a plugin under test: of the types that its manifest names, with AWS's names and types where the type is
/// known and made-up values of the manifest's attributes where it is not. The same seed gives the same resources.
struct SampleResources {
  static let accounts = ["111122223333", "444455556666"]
  static let now = Timestamp(seconds: 1_790_000_000)
  /// What no manifest names.
  static let undeclared = "ReeveUndeclared"

  private var generator: SeededGenerator
  private let attributes: [String: [String]]

  /// - Parameter attributes: names by resource type, beside those of a known type.
  init(seed: UInt64, attributes: [String: [String]]) {
    generator = SeededGenerator(seed: seed, stream: "samples")
    self.attributes = attributes
  }

  mutating func resources(_ types: [String], count: Int) -> [Resource] {
    guard !types.isEmpty else { return [] }
    return (0..<count).map { resource(types[$0 % types.count], number: $0) }
  }

  private mutating func resource(_ type: String, number: Int) -> Resource {
    let kind = type.split(separator: ":").last.map(String.init) ?? type
    let prefix = ["image": "ami", "snapshot": "snap"][kind] ?? kind
    let id = "\(prefix)-" + generator.hexadecimal(digits: 17)
    let account = Self.accounts[generator.below(2)]
    let tags = tags()
    var entries = known(type, id: id, account: account, number: number)
    for name in attributes[type] ?? [] where name != "Tags" && !entries.contains(where: { $0.name == name }) {
      entries.append((name, value()))
    }
    let tagList = Document(tags.map { ["Key": Document($0.key), "Value": Document($0.value)] })
    entries.append(("Tags", tagList))
    return Resource(
      type: type, id: id, arn: "arn:aws:ec2:eu-central-1::\(kind)/\(id)", account: account, region: "eu-central-1",
      tags: tags, attributes: Document(entries: entries))
  }

  private mutating func tags() -> [Tag] {
    let keys = ["Name", "Owner", "team", "Purpose", "cost-center", "Gruppe"].filter { _ in generator.below(3) == 0 }
    return keys.map { Tag(key: $0, value: ["a", "web", "Überblick", ""][generator.below(4)]) }
  }

  private mutating func known(_ type: String, id: String, account: String, number: Int)
    -> [(name: String, value: Document?)]
  {
    let day = 1 + number % 28
    let date = "202\(generator.below(7))-0\(1 + generator.below(9))-\(day < 10 ? "0" : "")\(day)T08:30:00.000Z"
    switch type {
    case "ec2:image":
      let isPublic = generator.below(3) == 0
      return [
        ("ImageId", Document(id)), ("Name", Document("base-\(number)")), ("Public", Document(isPublic)),
        ("State", "available"), ("CreationDate", Document(date)), ("OwnerId", Document(account)),
        ("Architecture", "x86_64"), ("RootDeviceType", "ebs"), ("ImageType", "machine"), ("EnaSupport", true),
        ("LaunchPermissions", permissions(isPublic: isPublic)),
        (
          "BlockDeviceMappings",
          [["DeviceName": "/dev/xvda", "Ebs": ["SnapshotId": "snap-1", "VolumeSize": 8, "Encrypted": false]]]
        ),
      ]
    case "ec2:snapshot":
      return [
        ("SnapshotId", Document(id)), ("OwnerId", Document(account)), ("State", "completed"),
        ("StartTime", Document(date)), ("VolumeSize", 8), ("Encrypted", Document(generator.below(2) == 0)),
        ("CreateVolumePermissions", permissions(isPublic: generator.below(3) == 0)),
      ]
    case "ec2:image-block-public-access":
      return [
        ("ImageBlockPublicAccessState", ["unblocked", "block-new-sharing"][generator.below(2)]),
        ("ManagedBy", "account"),
      ]
    case "ec2:snapshot-block-public-access":
      return [("State", ["unblocked", "block-all-sharing"][generator.below(2)]), ("ManagedBy", "account")]
    case "ec2:allowed-images-settings":
      return [("State", ["disabled", "enabled"][generator.below(2)]), ("ManagedBy", "account"), ("ImageCriteria", [])]
    default: return []
    }
  }

  private mutating func permissions(isPublic: Bool) -> Document {
    var list: [Document] = isPublic ? [["Group": "all"]] : []
    if generator.below(3) == 0 { list.append(["UserId": Document(Self.accounts[generator.below(2)])]) }
    if generator.below(4) == 0 { list.append(["UserId": "999988887777"]) }
    return Document(list)
  }

  private mutating func value() -> Document {
    switch generator.below(6) {
    case 0: .null
    case 1: Document(generator.below(2) == 0)
    case 2: Document(generator.below(10_000))
    case 3: Document("text \(generator.below(100))")
    case 4: ["a", "b"]
    default: ["Key": Document(generator.below(10))]
    }
  }
}

extension Resource {
  /// Without attributes that the list does not name.
  func keeping(_ names: [String]) -> Resource {
    var copy = self
    copy.attributes = Document(
      entries: attributes.entries.filter { names.contains($0.name) }.map { ($0.name, $0.value) })
    if !names.contains("Tags") { copy.tags = [] }
    return copy
  }

  func adding(_ name: String, _ value: Document) -> Resource {
    var copy = self
    copy.attributes = attributes.setting(name, to: value)
    return copy
  }

  /// None of these could be read.
  func unread(_ names: [String], _ reason: FailureReason) -> Resource {
    var copy = keeping(attributes.entries.map(\.name).filter { !names.contains($0) })
    if !names.contains("Tags") { copy.tags = tags }
    copy.notes = names.map { AttributeNote(name: $0, unread: reason) }
    return copy
  }
}
