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

  /// What it compares depends on who lists: tags are their owner's, an alias is the account's, allowed is the viewer's.
  static func dependsOnViewer(_ name: String) -> Bool { name == "image-allowed" || name == "owner-alias" }

  static func matches(_ filter: Filter, _ image: WorldImage, printer: ImagePrinter) -> Bool {
    if let result = filter.matches(tags: printer.tags(of: image)) { return result }
    switch filter.name {
    case "image-allowed": return filter.matches(printer.isAllowed(image))
    case "owner-alias": return filter.matches(printer.alias(of: image))
    default: return filter.matches(values(filter.name, of: image))
    }
  }

  /// What a filter compares, for all that depends on the image alone; tags as their owner sees them.
  static func values(_ name: String, of image: WorldImage) -> [String] {
    if let values = Filter.values(name, of: image.tags) { return values }
    if name.hasPrefix("block-device-mapping.") { return devices(name, image) }
    switch name {
    case "product-code": return image.productCodes.map(\.id)
    case "product-code.type": return image.productCodes.map(\.kind)
    default: return value(name, of: image).map { [$0] } ?? []
    }
  }

  private static func value(_ name: String, of image: WorldImage) -> String? {
    switch name {
    case "architecture": image.architecture
    case "creation-date": image.created.wholeSeconds
    case "description": image.members[.description]
    case "ena-support": "\(image.enaSupport ?? false)"
    case "free-tier-eligible": "true"
    case "hypervisor": "xen"
    case "image-id": image.id
    case "image-type": "machine"
    case "is-public": "\(image.isPublic)"
    case "kernel-id": image.members[.kernelId]
    case "manifest-location": image.members[.imageLocation] ?? "\(image.owner)/\(image.name)"
    case "name": image.name
    case "owner-id": image.owner
    case "platform": image.members[.platform]?.lowercased()
    case "ramdisk-id": image.members[.ramdiskId]
    case "root-device-name": image.rootDevice
    case "root-device-type": "ebs"
    case "source-image-id": image.members[.sourceImageId]
    case "source-image-region": image.members[.sourceImageRegion]
    case "source-instance-id": image.members[.sourceInstanceId]
    case "sriov-net-support": image.members[.sriovNetSupport]
    case "state": image.state.rawValue
    case "virtualization-type": image.virtualization
    default: nil
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
