import Governance

/// The filters of DescribeInstances. Those of networks, capacity reservations, hosts and the like are known and match
/// nothing: no instance here has any.
enum InstanceFilter {
  static let names: Set<String> = matched.union(unmatched)

  private static let matched: Set<String> = [
    "architecture", "availability-zone", "availability-zone-id", "block-device-mapping.attach-time",
    "block-device-mapping.device-name", "block-device-mapping.status",
    "block-device-mapping.volume-id", "boot-mode", "client-token", "ebs-optimized", "ena-support",
    "enclave-options.enabled", "hibernation-options.configured", "hypervisor", "iam-instance-profile.arn", "image-id",
    "instance-id", "instance-state-code", "instance-state-name", "instance-type", "key-name", "launch-index",
    "launch-time", "metadata-options.http-endpoint", "metadata-options.http-tokens", "metadata-options.state",
    "monitoring-state", "operator.managed", "owner-id", "platform", "platform-details", "reservation-id",
    "root-device-name", "root-device-type", "source-dest-check", "state-reason-code", "tenancy",
    "tpm-support", "usage-operation", "usage-operation-update-time", "virtualization-type",
  ]

  private static let unmatched: Set<String> = Set(
    [
      "affinity", "block-device-mapping.delete-on-termination", "reason", "state-reason-message",
      "capacity-reservation-id", "capacity-reservation-specification.capacity-reservation-preference",
      "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id",
      "capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn",
      "current-instance-boot-mode", "dns-name", "host-id", "iam-instance-profile.id", "instance-lifecycle",
      "instance.group-id", "instance.group-name", "ip-address", "ipv6-address", "kernel-id",
      "maintenance-options.auto-recovery", "metadata-options.http-protocol-ipv4", "metadata-options.http-protocol-ipv6",
      "metadata-options.http-put-response-hop-limit", "metadata-options.instance-metadata-tags",
      "network-performance-options.bandwidth-weighting", "operator.principal", "outpost-arn", "placement-group-name",
      "placement-partition-number", "private-dns-name",
      "private-dns-name-options.enable-resource-name-dns-a-record",
      "private-dns-name-options.enable-resource-name-dns-aaaa-record", "private-dns-name-options.hostname-type",
      "private-ip-address", "product-code", "product-code.type", "ramdisk-id", "requester-id",
      "spot-instance-request-id", "subnet-id", "vpc-id",
    ]
      + [
        "addresses.association.allocation-id", "addresses.association.association-id",
        "addresses.association.carrier-ip", "addresses.association.customer-owned-ip",
        "addresses.association.ip-owner-id", "addresses.association.public-dns-name", "addresses.association.public-ip",
        "addresses.primary", "addresses.private-dns-name", "addresses.private-ip-address", "association.allocation-id",
        "association.association-id", "association.carrier-ip", "association.customer-owned-ip",
        "association.ip-owner-id", "association.public-dns-name", "association.public-ip", "attachment.attach-time",
        "attachment.attachment-id", "attachment.delete-on-termination", "attachment.device-index",
        "attachment.instance-id", "attachment.instance-owner-id", "attachment.network-card-index", "attachment.status",
        "availability-zone", "deny-all-igw-traffic", "description", "group-id", "group-name",
        "ipv4-prefixes.ipv4-prefix", "ipv6-address", "ipv6-addresses.ipv6-address", "ipv6-addresses.is-primary-ipv6",
        "ipv6-native", "ipv6-prefixes.ipv6-prefix", "mac-address", "network-interface-id", "operator.managed",
        "operator.principal", "outpost-arn", "owner-id", "private-dns-name", "private-ip-address", "public-dns-name",
        "requester-id", "requester-managed", "status", "source-dest-check", "subnet-id", "tag-key", "tag-value",
        "vpc-id",
      ].map { "network-interface.\($0)" })

  static func matches(_ filter: Filter, _ instance: WorldInstance) -> Bool {
    let isWindows = instance.members[.platform]?.lowercased() == "windows"
    switch filter.name {
    case "architecture": return filter.matches(instance.architecture)
    case "availability-zone": return filter.matches(instance.zone)
    case "availability-zone-id": return filter.matches(AvailabilityZoneOperations.id(of: instance.zone))
    case "block-device-mapping.attach-time":
      return !instance.devices.isEmpty && filter.matches(instance.launched.wholeSeconds)
    case "block-device-mapping.device-name": return filter.matches(instance.devices.map(\.name))
    case "block-device-mapping.status": return !instance.devices.isEmpty && filter.matches("attached")
    case "block-device-mapping.volume-id": return filter.matches(instance.devices.map(\.volumeID))
    case "boot-mode": return filter.matches(instance.members[.bootMode])
    case "client-token": return filter.matches(instance.members[.clientToken])
    case "ebs-optimized": return filter.matches(instance.isEBSOptimized)
    case "ena-support": return filter.matches(instance.enaSupport ?? false)
    case "enclave-options.enabled", "hibernation-options.configured", "operator.managed": return filter.matches(false)
    case "hypervisor": return filter.matches("xen")
    case "iam-instance-profile.arn": return filter.matches(instance.members[.iamInstanceProfile])
    case "image-id": return filter.matches(instance.imageID)
    case "instance-id": return filter.matches(instance.id)
    case "instance-state-code": return filter.matches("\(instance.state.code)")
    case "instance-state-name": return filter.matches(instance.state.rawValue)
    case "instance-type": return filter.matches(instance.kind)
    case "key-name": return filter.matches(instance.members[.keyName])
    case "launch-index": return filter.matches("\(instance.launchIndex)")
    case "launch-time", "usage-operation-update-time": return filter.matches(instance.launched.wholeSeconds)
    case "metadata-options.http-endpoint": return filter.matches("enabled")
    case "metadata-options.http-tokens": return filter.matches(instance.tokens)
    case "metadata-options.state": return filter.matches("applied")
    case "monitoring-state": return filter.matches(instance.isMonitored ? "enabled" : "disabled")
    case "owner-id": return filter.matches(instance.owner)
    case "platform": return filter.matches(isWindows ? "windows" : nil)
    case "platform-details": return filter.matches(isWindows ? "Windows" : "Linux/UNIX")
    case "reservation-id": return filter.matches(instance.reservation)
    case "root-device-name": return filter.matches(instance.rootDevice)
    case "root-device-type": return filter.matches("ebs")
    case "source-dest-check": return filter.matches(true)
    case "state-reason-code":
      return [.stopped, .terminated].contains(instance.state) && filter.matches("Client.UserInitiatedShutdown")
    case "tenancy": return filter.matches("default")
    case "tpm-support": return filter.matches(instance.members[.tpmSupport])
    case "usage-operation": return filter.matches(isWindows ? "RunInstances:0002" : "RunInstances")
    case "virtualization-type": return filter.matches(instance.virtualization)
    default: return false
    }
  }
}
