import AWSWire
import Governance

/// RegisterImage and CopyImage.
enum ImageCreationOperations {
  static let entries: [OperationEntry] = [
    OperationEntry(
      "ec2", "RegisterImage",
      authorization: .resources { call, world in
        // On every image, and on each snapshot that it is made of; tags at creation are a permission of their own.
        let snapshots = call.list("BlockDeviceMappings").compactMap { $0["Ebs"]?["SnapshotId"]?.string }
        return [ImageLookup.target("", call, world)] + snapshots.map { SnapshotLookup.target($0, call, world) }
          + TagOperations.creationTargets(call, creating: "RegisterImage")
      }, isMutating: true
    ) { call, state throws(ServiceError) in try register(call, &state) },
    OperationEntry(
      "ec2", "CopyImage",
      authorization: .resources { call, world in
        [ImageLookup.target("", call, world)] + TagOperations.creationTargets(call, creating: "CopyImage")
      }, isMutating: true
    ) { call, state throws(ServiceError) in try copy(call, &state) },
  ]

  // MARK: RegisterImage

  private static func register(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    // Images whose files lie in S3, and code that is billed, are not simulated: what would not be as asked for is refused.
    for name in ["ImageLocation", "BillingProducts"]
    where call.parameters[name].map({ $0.count > 0 || $0.string != nil }) == true {
      throw .ec2("UnsupportedOperation", "\(name) is not simulated.")
    }
    let name = try ImageCreation.name(call, state.world)
    try ImageCreation.checkQuota(call, state.world)
    let root = call.text("RootDeviceName") ?? "/dev/sda1"
    let devices = try devices(call, state.world)
    guard devices.contains(where: { $0.name == root && $0.snapshotID != nil }) else {
      throw .ec2("InvalidBlockDeviceMapping", "No root snapshot specified in device mapping.")
    }
    var image = WorldImage(
      id: state.newID("ami"), owner: call.caller.account, region: call.region, name: name,
      created: Timestamp(seconds: call.now.seconds))
    image.architecture = call.text("Architecture") ?? "i386"
    image.rootDevice = root
    image.virtualization = call.text("VirtualizationType") ?? "paravirtual"
    image.enaSupport = call.parameters["EnaSupport"]?.bool
    image.devices = devices
    image.tags = try TagOperations.creationTags(call, of: "image")
    let given: [(WorldImage.Member, String)] = [
      (.description, "Description"), (.bootMode, "BootMode"), (.tpmSupport, "TpmSupport"),
      (.imdsSupport, "ImdsSupport"), (.uefiData, "UefiData"), (.sriovNetSupport, "SriovNetSupport"),
      (.kernelId, "KernelId"), (.ramdiskId, "RamdiskId"),
    ]
    for (member, parameter) in given {
      if let text = call.text(parameter), !text.isEmpty { image.members[member] = text }
    }
    state.world.put(image)
    return ["ImageId": Document(image.id)]
  }

  private static func devices(_ call: Call, _ world: World) throws(ServiceError) -> [WorldImage.Device] {
    var devices: [WorldImage.Device] = []
    for mapping in call.list("BlockDeviceMappings") {
      guard let name = mapping["DeviceName"]?.string, mapping["NoDevice"] == nil else { continue }
      var device = WorldImage.Device(name: name, size: 8)
      device.virtualName = mapping["VirtualName"]?.string
      if let ebs = mapping["Ebs"] { try read(ebs, into: &device, call, world) }
      devices.append(device)
    }
    return devices
  }

  private static func read(_ ebs: Document, into device: inout WorldImage.Device, _ call: Call, _ world: World)
    throws(ServiceError)
  {
    if let id = ebs["SnapshotId"]?.string {
      guard let snapshot = world.snapshot(id, in: call.region, seenBy: call.caller.account) else {
        throw .ec2("InvalidSnapshotID.NotFound", "The snapshot ID '\(id)' does not exist")
      }
      // Shared or not: a foreign snapshot is refused.
      guard snapshot.owner == call.caller.account else {
        throw .ec2(
          "InvalidParameterValue",
          "Invalid value '\(id)' for snapshotId. Snapshot does not belong to \(call.caller.account)")
      }
      guard ebs["Encrypted"] == nil else {
        throw .ec2(
          "InvalidParameter",
          "Parameter encrypted is invalid. You cannot specify the encrypted flag if specifying a snapshot id in a block "
            + "device mapping.")
      }
      device.snapshotID = id
      device.size = snapshot.size
      device.isEncrypted = snapshot.isEncrypted
    }
    device.size = ebs["VolumeSize"]?.int ?? device.size
    device.volumeType = ebs["VolumeType"]?.string ?? "gp2"
    device.deletesOnTermination = ebs["DeleteOnTermination"]?.bool ?? true
    device.iops = ebs["Iops"]?.int
    device.throughput = ebs["Throughput"]?.int
    if let encrypted = ebs["Encrypted"]?.bool { device.isEncrypted = encrypted }
  }

  // MARK: CopyImage

  private static func copy(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    for name in ["DestinationOutpostArn", "DestinationAvailabilityZone", "DestinationAvailabilityZoneId"]
    where call.text(name) != nil {
      throw .ec2("UnsupportedOperation", "\(name) is not simulated.")
    }
    // [doc] "Ensuring idempotency": a token that was used already gives what it gave.
    let token = call.text("ClientToken").flatMap { $0.isEmpty ? nil : "CopyImage/\(call.scope)/\($0)" }
    if let token, let earlier = state.usedTokens[token] { return ["ImageId": Document(earlier)] }
    let name = try ImageCreation.name(call, state.world)
    try ImageCreation.checkQuota(call, state.world)
    let region = try call.required("SourceRegion")
    guard state.world.isRegionEnabled(region, in: call.caller.account) else {
      throw .ec2("InvalidParameterValue", "Value (\(region)) for parameter sourceRegion is invalid.")
    }
    let source = try ImageLookup.visible(call, state, parameter: "SourceImageId", region: region)
    guard [.available, .disabled].contains(source.state) else {
      throw .ec2("InvalidAMIID.Unavailable", "The image ID '\(source.id)' is no longer available")
    }
    var image = source
    image.id = state.newID("ami")
    image.owner = call.caller.account
    image.region = call.region
    image.name = name
    image.created = Timestamp(seconds: call.now.seconds)
    // Neither launch permissions nor, unless asked for, tags are copied.
    image.sharedWith = []
    image.state = .available
    image.deprecation = nil
    image.lastLaunched = nil
    image.protection = .disabled
    let isOwn = source.owner == call.caller.account
    let copied = call.bool("CopyImageTags") && isOwn ? source.tags.filter { !$0.key.hasPrefix("aws:") } : []
    image.tags = TagOperations.merged(copied, with: try TagOperations.creationTags(call, of: "image"))
    image.members[.description] = call.text("Description").flatMap { $0.isEmpty ? nil : $0 }
    image.members[.sourceImageId] = source.id
    image.members[.sourceImageRegion] = region
    image.members[.sourceInstanceId] = nil
    image.members[.imageLocation] = nil
    for position in image.devices.indices {
      try copySnapshot(of: source, device: position, to: &image, call, &state)
    }
    ImageCreation.finish(image, call, &state)
    if let token { state.usedTokens[token] = image.id }
    return ["ImageId": Document(image.id)]
  }

  private static func copySnapshot(
    of source: WorldImage, device: Int, to image: inout WorldImage, _ call: Call, _ state: inout SimulatorState
  ) throws(ServiceError) {
    guard let id = source.devices[device].snapshotID else { return }
    guard let original = state.world.snapshot(id, in: source.region, seenBy: call.caller.account),
      SnapshotLookup.isVisible(original, to: call.caller.account, state.world, now: call.now)
    else {
      throw .ec2("InvalidRequest", "You do not have permission to access the storage of this ami")
    }
    var copy = WorldSnapshot(
      id: state.newID("snap"), owner: call.caller.account, region: call.region, volumeID: "vol-ffffffff",
      size: original.size, started: call.now)
    copy.kmsKeyID = try EncryptionOperations.key(
      source: (original.isEncrypted, original.kmsKeyID), keepsKey: false, call, state.world)
    copy.isEncrypted = copy.kmsKeyID != nil
    copy.description = "Copied for DestinationAmi \(image.id) from SourceAmi \(source.id) for SourceSnapshot \(id)."
    copy.tags = try TagOperations.creationTags(call, of: "snapshot")
    SnapshotCreation.finish(copy, call, &state)
    image.devices[device].snapshotID = copy.id
    image.devices[device].isEncrypted = copy.isEncrypted
  }
}
