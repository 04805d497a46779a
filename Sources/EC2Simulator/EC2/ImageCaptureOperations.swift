import AWSWire
import Governance

/// CreateImage: an image of an instance, and a snapshot of each of its volumes.
enum ImageCaptureOperations {
  static let entries: [OperationEntry] = [
    OperationEntry(
      "ec2", "CreateImage",
      authorization: .resources { call, world in
        let id = call.text("InstanceId") ?? ""
        var snapshot = Authorizer.Target(resource: call.arn("snapshot/*"))
        snapshot.context["ec2:parentvolume"] = world.state(of: call.scope).workloads.instances[id]?.devices.map {
          call.arn("volume/\($0.volumeID)", account: call.caller.account)
        }
        return [
          InstanceLookup.target(id, call, world), ImageLookup.target("", call, world), snapshot,
        ] + TagOperations.creationTargets(call, creating: "CreateImage")
      }, isMutating: true
    ) { call, state throws(ServiceError) in try capture(call, &state) }
  ]

  private static func capture(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let instance = try InstanceLookup.find(call, state.world)
    guard [.running, .stopped].contains(instance.state) else {
      throw .ec2(
        "IncorrectState",
        "Unable to create image from instance '\(instance.id)': it is \(instance.state.rawValue).")
    }
    let name = try ImageCreation.name(call, state.world)
    try ImageCreation.checkQuota(call, state.world)
    let tags = try TagOperations.creationTags(call, of: "image")
    let snapshotTags = try TagOperations.creationTags(call, of: "snapshot")
    let mappings = try mappings(call)
    var image = WorldImage(
      id: state.newID("ami"), owner: call.caller.account, region: call.region, name: name,
      created: Timestamp(seconds: call.now.seconds))
    image.architecture = instance.architecture
    image.rootDevice = instance.rootDevice
    image.virtualization = instance.virtualization
    image.enaSupport = instance.enaSupport
    image.tags = tags
    image.members[.description] = call.text("Description").flatMap { $0.isEmpty ? nil : $0 }
    image.members[.sourceInstanceId] = instance.id
    // [doc] "The ID of the source AMI used to create the AMI": of the instance.
    image.members[.sourceImageId] = instance.imageID
    image.members[.sourceImageRegion] = instance.region
    let inherited: [(WorldImage.Member, WorldInstance.Member)] = [
      (.platform, .platform), (.bootMode, .bootMode), (.imdsSupport, .imdsSupport), (.tpmSupport, .tpmSupport),
      (.sriovNetSupport, .sriovNetSupport),
    ]
    for (member, source) in inherited { image.members[member] = instance.members[source] }
    for device in instance.devices where mappings[device.name]?["NoDevice"] == nil {
      let ebs = mappings[device.name]?["Ebs"]
      if let captured = capture(device, ebs, snapshotTags, of: image, call, &state) { image.devices.append(captured) }
    }
    ImageCreation.finish(image, call, &state)
    return ["ImageId": Document(image.id)]
  }

  /// [doc] "The only option that can be changed for existing mappings or snapshots is DeleteOnTermination."
  private static func mappings(_ call: Call) throws(ServiceError) -> [String: Document] {
    for mapping in call.list("BlockDeviceMappings") {
      for name in ["Encrypted", "KmsKeyId", "SnapshotId", "VolumeSize"] where mapping["Ebs"]?[name] != nil {
        throw .ec2(
          "InvalidParameterValue", "The parameter \(name) can't be changed for a device of an existing instance.")
      }
    }
    return Dictionary(
      call.list("BlockDeviceMappings").compactMap { mapping in mapping["DeviceName"]?.string.map { ($0, mapping) } }
    ) { $1 }
  }

  private static func capture(
    _ device: WorldInstance.Device, _ ebs: Document?, _ tags: [Tag], of image: WorldImage, _ call: Call,
    _ state: inout SimulatorState
  ) -> WorldImage.Device? {
    guard let volume = state.world.state(of: call.scope).volumes[device.volumeID] else { return nil }
    var snapshot = WorldSnapshot(
      id: state.newID("snap"), owner: call.caller.account, region: call.region, volumeID: volume.id, size: volume.size,
      started: call.now)
    snapshot.isEncrypted = volume.isEncrypted
    snapshot.kmsKeyID = volume.kmsKeyID
    snapshot.description = "Created by CreateImage(\(volume.attachment?.instance ?? "")) for \(image.id)"
    snapshot.tags = tags
    SnapshotCreation.finish(snapshot, call, &state)
    var captured = WorldImage.Device(name: device.name, snapshotID: snapshot.id, size: volume.size)
    captured.volumeType = volume.kind
    captured.isEncrypted = volume.isEncrypted
    captured.iops = ["io1", "io2", "gp3"].contains(volume.kind) ? volume.iops : nil
    captured.throughput = volume.throughput
    captured.deletesOnTermination =
      ebs?["DeleteOnTermination"]?.bool ?? volume.attachment?.endsWithInstance ?? true
    return captured
  }
}
