import GuardrailDiscoveryLogic
import ReevePluginKit
import Testing

struct GuardrailDiscoveryTests {
  static let all = ["ec2:image-block-public-access", "ec2:snapshot-block-public-access", "ec2:allowed-images-settings"]

  private func discover(
    _ types: [String], _ answer: (HarnessRequest) -> [HarnessAnswer]
  ) throws -> [DiscoveredResource] {
    let wanted = Dictionary(uniqueKeysWithValues: types.map { ($0, Set(["State"])) })
    let scope = Scope(account: Sample.account, region: Sample.region, wanted: wanted)
    return try PluginHarness(discovery: GuardrailDiscovery.self, now: Sample.now).discover(scope, answer: answer)
  }

  @Test("Each setting is read only when something of it is wanted", arguments: 0..<4)
  func onlyWanted(_ count: Int) throws {
    var operations: [String] = []
    let resources = try discover(Array(Self.all.prefix(count))) { request in
      operations.append(request.operation)
      return [.page(["State": "unblocked"])]
    }
    let expected = ["GetImageBlockPublicAccessState", "GetSnapshotBlockPublicAccessState", "GetAllowedImagesSettings"]
    #expect(operations.sorted() == expected.prefix(count).sorted())
    #expect(resources.map(\.type) == Array(Self.all.prefix(count)))
  }

  @Test("A setting carries AWS's own attributes, the region as id and an ARN of its own")
  func attributes() throws {
    let resources = try discover(Self.all) { request in
      switch request.operation {
      case "GetImageBlockPublicAccessState":
        [.page(["ImageBlockPublicAccessState": "unblocked", "ManagedBy": "account", "Other": 1])]
      case "GetSnapshotBlockPublicAccessState": [.page(["State": "block-all-sharing"])]
      default: [.page(["State": "enabled", "ImageCriteria": [["ImageProviders": ["amazon"]]], "ManagedBy": "account"])]
      }
    }
    #expect(resources.map(\.id) == [Sample.region, Sample.region, Sample.region])
    #expect(
      resources.map(\.arn) == [
        "arn:aws:ec2:eu-central-1:111111111111:image-block-public-access",
        "arn:aws:ec2:eu-central-1:111111111111:snapshot-block-public-access",
        "arn:aws:ec2:eu-central-1:111111111111:allowed-images-settings",
      ])
    #expect(resources[0].attributes == ["ImageBlockPublicAccessState": "unblocked", "ManagedBy": "account"])
    #expect(resources[1].attributes == ["State": "block-all-sharing"])
    #expect(
      resources[2].attributes
        == ["State": "enabled", "ImageCriteria": [["ImageProviders": ["amazon"]]], "ManagedBy": "account"])
  }

  @Test("A setting that cannot be read is there with its attributes unread, and the others are untouched")
  func denied() throws {
    let resources = try discover(Self.all) { request in
      request.operation == "GetSnapshotBlockPublicAccessState"
        ? [.failure(Sample.denied)] : [.page(["State": "enabled"])]
    }
    #expect(resources.map { $0.notes.keys.sorted() } == [[], ["ManagedBy", "State"], []])
  }
}
