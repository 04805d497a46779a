import AWSWire
import Governance

/// The volumes that a launch makes: the image's devices, as the request's mappings change, drop or add to them.
struct LaunchVolumes {
  struct Volume {
    var device: String
    var volume: WorldVolume
    var endsWithInstance: Bool
  }

  private let request: LaunchRequest
  private let image: WorldImage
  private let call: Call
  private let world: World

  init(_ request: LaunchRequest, _ image: WorldImage, _ call: Call, _ world: World) {
    self.request = request
    self.image = image
    self.call = call
    self.world = world
  }

  func volumes(in zone: String, tags: [Tag]) throws(ServiceError) -> [Volume] {
    let mappings = request.mappings
    var volumes: [Volume] = []
    for device in image.devices where device.virtualName == nil {
      let mapping = mappings[device.name]
      if mapping?["NoDevice"] != nil { continue }
      volumes.append(try volume(device, mapping?["Ebs"], zone, tags))
    }
    let known = Set(image.devices.map(\.name))
    for (name, mapping) in mappings.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
      guard mapping["NoDevice"] == nil, let ebs = mapping["Ebs"] else { continue }
      volumes.append(try volume(WorldImage.Device(name: name, size: 0), ebs, zone, tags))
    }
    return volumes
  }

  private func volume(_ device: WorldImage.Device, _ ebs: Document?, _ zone: String, _ tags: [Tag])
    throws(ServiceError) -> Volume
  {
    let snapshot = try snapshot(of: device, ebs)
    let least = snapshot?.size ?? device.size
    let size = ebs?["VolumeSize"]?.int ?? (device.size == 0 ? least : device.size)
    guard size >= least, size > 0 else {
      // [quote]
      throw .ec2(
        "InvalidBlockDeviceMapping",
        "Volume of size \(size)GB is smaller than snapshot '\(snapshot?.id ?? "")', expect size>= \(max(least, 1))GB")
    }
    var volume = WorldVolume(
      id: "", owner: call.caller.account, region: call.region, zone: zone, size: size,
      kind: ebs?["VolumeType"]?.string ?? device.volumeType, created: call.now)
    volume.snapshotID = snapshot?.id
    volume.iops = ebs?["Iops"]?.int ?? device.iops
    volume.throughput = ebs?["Throughput"]?.int ?? device.throughput
    let isEncrypted =
      device.isEncrypted || snapshot?.isEncrypted == true || ebs?["Encrypted"]?.bool == true
      || world.state(of: call.scope).encryption.isOn
    volume.isEncrypted = isEncrypted
    volume.kmsKeyID =
      isEncrypted
      ? ebs?["KmsKeyId"]?.string ?? snapshot?.kmsKeyID ?? EncryptionOperations.defaultKey(of: call.scope, world) : nil
    volume.tags = tags
    return Volume(
      device: device.name, volume: volume,
      endsWithInstance: ebs?["DeleteOnTermination"]?.bool ?? device.deletesOnTermination)
  }

  /// An image's own snapshots come with the permission to launch it; one that the request names must be visible.
  private func snapshot(of device: WorldImage.Device, _ ebs: Document?) throws(ServiceError) -> WorldSnapshot? {
    guard let named = ebs?["SnapshotId"]?.string, named != device.snapshotID else {
      return device.snapshotID.flatMap { world.state(of: image.scope).snapshots[$0] }
    }
    guard let snapshot = world.snapshot(named, in: call.region, seenBy: call.caller.account),
      SnapshotLookup.isVisible(snapshot, to: call.caller.account, world, now: call.now)
    else { throw .ec2("InvalidSnapshot.NotFound", "The snapshot '\(named)' does not exist.") }
    return snapshot
  }
}
