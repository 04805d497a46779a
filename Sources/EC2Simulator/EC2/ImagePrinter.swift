import Governance

/// An image as DescribeImages prints it to one account.
struct ImagePrinter {
  private let accounts: [String: WorldAccount]
  var viewer: String
  var region: String
  /// Allowed AMIs of the viewer's scope.
  var allowed: AllowedImages
  private var now: Timestamp
  private var foreignTags: [String: [Tag]]

  init(world: World, viewer: String, region: String, now: Timestamp) {
    accounts = world.accounts
    self.viewer = viewer
    self.region = region
    self.now = now
    let scope = Scope(account: viewer, region: region)
    allowed = world.allowedImages(of: scope)
    foreignTags = world.scopes[scope]?.foreignTags ?? [:]
  }

  /// Nothing that it prints of what others own depends on an image's id, name or date.
  var treatsAlike: Bool { foreignTags.isEmpty && allowed.state == "disabled" }

  func tags(of image: WorldImage) -> [Tag] { image.owner == viewer ? image.tags : foreignTags[image.id] ?? [] }

  func isAllowed(_ image: WorldImage) -> Bool {
    image.owner == viewer
      || allowed.criteria.contains { AllowedImagesOperations.meets($0, image, alias: alias(of: image), now: now) }
  }

  func alias(of image: WorldImage) -> String? { alias(ofAccount: image.owner) }

  func alias(ofAccount id: String) -> String? { accounts[id]?.alias }

  func append(_ image: WorldImage, to out: inout DocumentBuilder) {
    let isOwn = image.owner == viewer
    out.beginObject()
    out.entry("ImageId", image.id)
    out.entry("ImageLocation", image.members[.imageLocation] ?? "\(image.owner)/\(image.name)")
    out.entry("State", image.state.rawValue)
    out.entry("OwnerId", image.owner)
    out.entry("CreationDate", image.created.wholeSeconds)
    out.entry("Public", image.isPublic)
    if !image.productCodes.isEmpty { out.entry("ProductCodes", Self.productCodes(image)) }
    out.entry("Architecture", image.architecture)
    out.entry("ImageType", "machine")
    appendPlatform(image, to: &out)
    appendDevices(image, to: &out)
    out.entry("Hypervisor", "xen")
    if let alias = alias(of: image) { out.entry("ImageOwnerAlias", alias) }
    out.entry("Name", image.name)
    out.entry("RootDeviceName", image.rootDevice)
    out.entry("RootDeviceType", "ebs")
    out.entry("VirtualizationType", image.virtualization)
    if let ena = image.enaSupport { out.entry("EnaSupport", ena) }
    for member in Self.inline {
      if let text = image.members[member] { out.entry(member.wireName, text) }
    }
    if let time = image.deprecation { out.entry("DeprecationTime", time.iso8601Milliseconds) }
    if isOwn, let time = image.lastLaunched { out.entry("LastLaunchedTime", time.iso8601) }
    if isOwn { out.entry("DeregistrationProtection", image.protection.text) }
    if allowed.state != "disabled" { out.entry("ImageAllowed", isAllowed(image)) }
    out.entry("FreeTierEligible", true)
    let tags = tags(of: image)
    if !tags.isEmpty {
      out.name("Tags")
      out.beginArray()
      for tag in tags {
        out.beginObject()
        out.entry("Key", tag.key)
        out.entry("Value", tag.value)
        out.end()
      }
      out.end()
    }
    out.end()
  }

  private static let inline: [WorldImage.Member] = [
    .description, .bootMode, .tpmSupport, .imdsSupport, .sriovNetSupport, .kernelId, .ramdiskId, .sourceInstanceId,
    .sourceImageId, .sourceImageRegion,
  ]

  private func appendPlatform(_ image: WorldImage, to out: inout DocumentBuilder) {
    let isWindows = image.members[.platform]?.lowercased() == "windows"
    if isWindows { out.entry("Platform", "windows") }
    out.entry("PlatformDetails", isWindows ? "Windows" : "Linux/UNIX")
    out.entry("UsageOperation", isWindows ? "RunInstances:0002" : "RunInstances")
  }

  private func appendDevices(_ image: WorldImage, to out: inout DocumentBuilder) {
    out.name("BlockDeviceMappings")
    out.beginArray()
    for device in image.devices {
      out.beginObject()
      out.entry("DeviceName", device.name)
      if let virtual = device.virtualName {
        out.entry("VirtualName", virtual)
      } else {
        out.name("Ebs")
        out.beginObject()
        out.entry("DeleteOnTermination", device.deletesOnTermination)
        if let iops = device.iops { out.entry("Iops", iops) }
        if let snapshot = device.snapshotID { out.entry("SnapshotId", snapshot) }
        out.entry("VolumeSize", device.size)
        out.entry("VolumeType", device.volumeType)
        if let throughput = device.throughput { out.entry("Throughput", throughput) }
        out.entry("Encrypted", device.isEncrypted)
        out.end()
      }
      out.end()
    }
    out.end()
  }

  static func tags(_ tags: [Tag]) -> Document {
    Document(tags.map { ["Key": Document($0.key), "Value": Document($0.value)] })
  }

  static func productCodes(_ image: WorldImage) -> Document {
    Document(image.productCodes.map { ["ProductCodeId": Document($0.id), "ProductCodeType": Document($0.kind)] })
  }

  static func permissions(_ grantees: [Grantee]) -> Document {
    Document(grantees.map { grantee in Document(entries: [(grantee.memberName, Document(grantee.text))]) })
  }
}

extension WorldImage.Protection {
  var text: String {
    switch self {
    case .disabled: "disabled"
    case .enabled: "enabled"
    case .enabledWithCooldown: "enabled-with-cooldown"
    case .coolingDown(let until): "disabled after \(until.iso8601)"
    }
  }
}

extension Timestamp {
  /// [capture] EC2 dates images to the second and prints milliseconds: `2026-11-23T10:00:57.000Z`.
  var wholeSeconds: String { Timestamp(seconds: seconds).iso8601Milliseconds }
}
