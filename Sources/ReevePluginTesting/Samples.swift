public import ReevePluginKit

/// Made-up accounts, times and settings for tests: every id in them belongs to nobody.
public enum Sample {
  public static let account = "111122223333"
  public static let region = "eu-central-1"
  public static let otherAccount = "444455556666"
  public static let stranger = "999988887777"
  /// 2026-09-21T14:13:20Z
  public static let now = Time(nanoseconds: 1_790_000_000_000_000_000)

  public static let scope = Scope(account: account, region: region)

  /// Two members, one unit; `account` is in `ou-root-prod`, `otherAccount` in none.
  public static func organization(trusted: [String] = [], membershipKnown: Bool = true) -> Organization {
    guard membershipKnown else {
      return Organization(
        id: "o-sample1234", trusted: trusted, membershipKnown: false,
        membershipReason: "organizations:ListAccounts was denied")
    }
    return Organization(
      id: "o-sample1234", arn: "arn:aws:organizations::123456789012:organization/o-sample1234",
      managementAccount: "123456789012",
      accounts: [
        .init(id: account, name: "one", unitPath: "o-sample1234/r-root/ou-root-prod/"),
        .init(id: otherAccount, name: "two", unitPath: "o-sample1234/r-root/"),
        .init(id: "123456789012", name: "management", unitPath: "o-sample1234/r-root/"),
      ],
      units: [
        .init(
          id: "ou-root-prod", arn: "arn:aws:organizations::123456789012:ou/o-sample1234/ou-root-prod", name: "prod",
          path: "o-sample1234/r-root/ou-root-prod/")
      ], trusted: trusted)
  }

  /// As AWS answers a call that a policy does not allow.
  public static func denied(_ operation: String = "DescribeImageAttribute") -> AWSError {
    AWSError(
      kind: .denied, code: "UnauthorizedOperation", message: "You are not authorized to perform this operation.",
      service: "ec2", operation: operation)
  }
}

/// Ready-made resources, as the shipped discovery plugins hand them over.
extension DiscoveredResource {
  /// A private image; `attributes` replace or add to its own.
  public static func image(
    _ id: String = "ami-0123456789abcdef0", isPublic: Bool = false, tags: [(String, String)] = [],
    launchPermissions: Document? = nil, attributes: Document = .emptyObject
  ) -> DiscoveredResource {
    let tagList = Document.array(tags.map { ["Key": .string($0.0), "Value": .string($0.1)] })
    let own: Document = [
      "ImageId": .string(id), "Name": .string("base-\(id.suffix(4))"), "Public": .boolean(isPublic),
      "State": "available", "CreationDate": "2026-05-11T08:30:00.000Z", "OwnerId": .string(Sample.account),
      "Architecture": "x86_64", "RootDeviceType": "ebs", "ImageType": "machine", "EnaSupport": true,
      "ImageLocation": .string("\(Sample.account)/base"), "Hypervisor": "xen", "VirtualizationType": "hvm",
      "RootDeviceName": "/dev/xvda", "PlatformDetails": "Linux/UNIX", "UsageOperation": "RunInstances",
      "BlockDeviceMappings": [
        [
          "DeviceName": "/dev/xvda",
          "Ebs": [
            "SnapshotId": "snap-0123456789abcdef0", "VolumeSize": 8, "VolumeType": "gp3", "Encrypted": false,
            "DeleteOnTermination": true,
          ],
        ]
      ],
      "LaunchPermissions": launchPermissions ?? (isPublic ? [["Group": "all"]] : []), "Tags": tagList,
    ]
    return sample("ec2:image", id, "image", own, attributes, tags)
  }

  /// An unshared snapshot.
  public static func snapshot(
    _ id: String = "snap-0123456789abcdef0", isPublic: Bool = false, tags: [(String, String)] = [],
    attributes: Document = .emptyObject
  ) -> DiscoveredResource {
    let tagList = Document.array(tags.map { ["Key": .string($0.0), "Value": .string($0.1)] })
    let own: Document = [
      "SnapshotId": .string(id), "OwnerId": .string(Sample.account), "State": "completed", "Progress": "100%",
      "StartTime": "2026-05-11T08:25:00.000Z", "VolumeId": "vol-0123456789abcdef0", "VolumeSize": 8,
      "Encrypted": false, "StorageTier": "standard", "Description": "Created by CreateImage", "Tags": tagList,
      "CreateVolumePermissions": isPublic ? [["Group": "all"]] : [],
    ]
    return sample("ec2:snapshot", id, "snapshot", own, attributes, tags)
  }

  /// The settings of a region that bound sharing: one resource for each setting, `state` as AWS words it.
  public static func imageBlockPublicAccess(_ state: String = "block-new-sharing") -> DiscoveredResource {
    setting("ec2:image-block-public-access", ["ImageBlockPublicAccessState": .string(state), "ManagedBy": "account"])
  }

  public static func snapshotBlockPublicAccess(_ state: String = "block-all-sharing") -> DiscoveredResource {
    setting("ec2:snapshot-block-public-access", ["State": .string(state), "ManagedBy": "account"])
  }

  public static func allowedImagesSettings(_ state: String = "disabled") -> DiscoveredResource {
    setting(
      "ec2:allowed-images-settings", ["State": .string(state), "ManagedBy": "account", "ImageCriteria": []])
  }

  private static func setting(_ type: String, _ attributes: Document) -> DiscoveredResource {
    DiscoveredResource(
      type: type, id: Sample.region, arn: "arn:aws:ec2:\(Sample.region):\(Sample.account):\(type.dropFirst(4))",
      account: Sample.account, region: Sample.region, attributes: attributes)
  }

  private static func sample(
    _ type: String, _ id: String, _ kind: String, _ own: Document, _ other: Document, _ tags: [(String, String)]
  ) -> DiscoveredResource {
    var attributes = own
    for entry in other.entries { attributes = attributes.setting(entry.name, to: entry.value) }
    return DiscoveredResource(
      type: type, id: id, arn: "arn:aws:ec2:\(Sample.region)::\(kind)/\(id)", account: Sample.account,
      region: Sample.region, tags: tags.map { Tag($0.0, $0.1) }, attributes: attributes)
  }

  /// The same resource, of which an attribute could not be read.
  public func unread(_ attribute: String, _ error: AWSError = Sample.denied()) -> DiscoveredResource {
    var copy = self
    copy.markUnread(attribute, error)
    return copy
  }

  /// The same resource without an attribute, as if AWS had not set it.
  public func without(_ attribute: String) -> DiscoveredResource {
    var copy = self
    copy.attributes = .object(attributes.entries.filter { $0.name != attribute })
    if attribute == "Tags" { copy.tags = [] }
    return copy
  }
}
