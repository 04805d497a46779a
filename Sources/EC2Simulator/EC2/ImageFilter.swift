import Governance

/// The filters of DescribeImages, by their documented names.
enum ImageFilter {
  private static let names: Set<String> = [
    "architecture", "block-device-mapping.delete-on-termination", "block-device-mapping.device-name",
    "block-device-mapping.encrypted", "block-device-mapping.snapshot-id", "block-device-mapping.volume-size",
    "block-device-mapping.volume-type", "creation-date", "description", "ena-support", "free-tier-eligible",
    "hypervisor", "image-allowed", "image-id", "image-type", "is-public", "kernel-id", "manifest-location", "name",
    "owner-alias", "owner-id", "platform", "product-code", "product-code.type", "ramdisk-id", "root-device-name",
    "root-device-type", "source-image-id", "source-image-region", "source-instance-id", "sriov-net-support", "state",
    "state-reason-code", "state-reason-message", "tag-key", "virtualization-type",
  ]

  static func isKnown(_ name: String) -> Bool { names.contains(name) || name.hasPrefix("tag:") }

  static func matches(_ filter: Filter, _ image: WorldImage, printer: ImagePrinter) -> Bool {
    if let result = filter.matches(tags: printer.tags(of: image)) { return result }
    if filter.name.hasPrefix("block-device-mapping.") { return filter.matches(devices(filter.name, image)) }
    switch filter.name {
    case "architecture": return filter.matches(image.architecture)
    case "creation-date": return filter.matches(image.created.wholeSeconds)
    case "description": return filter.matches(image.members[.description])
    case "ena-support": return filter.matches(image.enaSupport ?? false)
    case "free-tier-eligible": return filter.matches(true)
    case "hypervisor": return filter.matches("xen")
    case "image-allowed": return filter.matches(printer.isAllowed(image))
    case "image-id": return filter.matches(image.id)
    case "image-type": return filter.matches("machine")
    case "is-public": return filter.matches(image.isPublic)
    case "kernel-id": return filter.matches(image.members[.kernelId])
    case "manifest-location": return filter.matches(image.members[.imageLocation] ?? "\(image.owner)/\(image.name)")
    case "name": return filter.matches(image.name)
    case "owner-alias": return filter.matches(printer.alias(of: image))
    case "owner-id": return filter.matches(image.owner)
    case "platform": return filter.matches(image.members[.platform]?.lowercased())
    case "product-code": return filter.matches(image.productCodes.map(\.id))
    case "product-code.type": return filter.matches(image.productCodes.map(\.kind))
    case "ramdisk-id": return filter.matches(image.members[.ramdiskId])
    case "root-device-name": return filter.matches(image.rootDevice)
    case "root-device-type": return filter.matches("ebs")
    case "source-image-id": return filter.matches(image.members[.sourceImageId])
    case "source-image-region": return filter.matches(image.members[.sourceImageRegion])
    case "source-instance-id": return filter.matches(image.members[.sourceInstanceId])
    case "sriov-net-support": return filter.matches(image.members[.sriovNetSupport])
    case "state": return filter.matches(image.state.rawValue)
    case "virtualization-type": return filter.matches(image.virtualization)
    default: return false
    }
  }

  private static func devices(_ name: String, _ image: WorldImage) -> [String] {
    image.devices.compactMap { device in
      switch name.dropFirst("block-device-mapping.".count) {
      case "delete-on-termination": "\(device.deletesOnTermination)"
      case "device-name": device.name
      case "encrypted": "\(device.isEncrypted)"
      case "snapshot-id": device.snapshotID
      case "volume-size": "\(device.size)"
      case "volume-type": device.volumeType
      default: nil
      }
    }
  }
}
