import AWSWire
import Governance

/// DescribeInstanceImageMetadata: what instances run, "even if the AMI is deprecated, deregistered, made private ... or
/// not allowed".
enum InstanceImageOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "DescribeInstanceImageMetadata") { call, state throws(ServiceError) in
      try describe(call, state.world)
    }
  ]

  private static let filterNames: Set<String> = [
    "availability-zone", "instance-id", "image-allowed", "instance-state-name", "instance-type", "launch-time",
    "owner-alias", "owner-id", "zone-id",
  ]

  private static func describe(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    for id in call.texts("InstanceIds") { try InstanceLookup.check(id) }
    let printer = ImagePrinter(world: world, viewer: call.caller.account, region: call.region, now: call.now)
    let listing = Listing(call: call, ids: InstanceLookup.ids, filterNames: filterNames)
    let (instances, next) = try listing.cut(
      InstanceLookup.listed(call, world), tags: \.tags
    ) { filter, instance in
      let owner = source(of: instance, world)?.owner ?? ""
      switch filter.name {
      case "availability-zone": return filter.matches(instance.zone)
      case "instance-id": return filter.matches(instance.id)
      case "image-allowed": return filter.matches(image(of: instance, world).map(printer.isAllowed) ?? false)
      case "instance-state-name": return filter.matches(instance.state.rawValue)
      case "instance-type": return filter.matches(instance.kind)
      case "launch-time": return filter.matches(instance.launched.wholeSeconds)
      case "owner-alias": return filter.matches(world.account(owner)?.alias)
      // The instance's own, not the image's.
      case "owner-id": return filter.matches(instance.owner)
      case "zone-id": return filter.matches(AvailabilityZoneOperations.id(of: instance.zone))
      default: return false
      }
    }
    return Document(entries: [
      ("InstanceImageMetadata", Document(instances.map { document($0, printer, world) })), ("NextToken", next),
    ])
  }

  /// Whoever may see it: the account runs it.
  private static func image(of instance: WorldInstance, _ world: World) -> WorldImage? {
    if let owner = instance.source?.owner {
      return world.image(instance.imageID, in: instance.region, seenBy: owner)
    }
    return world.image(instance.imageID, in: instance.region, seenBy: instance.owner)
  }

  private static func source(of instance: WorldInstance, _ world: World) -> WorldInstance.Source? {
    instance.source
      ?? image(of: instance, world).map { .init(name: $0.name, owner: $0.owner, created: $0.created) }
  }

  private static func document(_ instance: WorldInstance, _ printer: ImagePrinter, _ world: World) -> Document {
    let image = image(of: instance, world)
    let source = source(of: instance, world)
    let alias = source.flatMap { world.account($0.owner)?.alias }
    let allowed = printer.allowed.state == "disabled" ? nil : image.map { Document(printer.isAllowed($0)) } ?? false
    return Document(entries: [
      ("InstanceId", Document(instance.id)), ("InstanceType", Document(instance.kind)),
      ("LaunchTime", Document(instance.launched.wholeSeconds)), ("AvailabilityZone", Document(instance.zone)),
      ("ZoneId", Document(AvailabilityZoneOperations.id(of: instance.zone))),
      ("State", InstancePrinter.state(instance.state)), ("OwnerId", Document(instance.owner)),
      ("Tags", instance.tags.isEmpty ? nil : ImagePrinter.tags(instance.tags)),
      (
        "ImageMetadata",
        Document(entries: [
          ("ImageId", Document(instance.imageID)), ("Name", source.map { Document($0.name) }),
          ("OwnerId", source.map { Document($0.owner) }),
          ("State", Document(image?.state.rawValue ?? WorldImage.State.deregistered.rawValue)),
          ("ImageOwnerAlias", alias.map { Document($0) }),
          ("CreationDate", source.map { Document($0.created.wholeSeconds) }),
          ("DeprecationTime", image?.deprecation.map { Document($0.iso8601Milliseconds) }),
          ("ImageAllowed", allowed), ("IsPublic", Document(image?.isPublic ?? false)),
        ])
      ),
      ("Operator", ["Managed": false]),
    ])
  }
}
