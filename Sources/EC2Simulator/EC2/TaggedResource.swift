import AWSWire
import Governance

/// One resource whose tags are to change, and where they stand.
enum TaggedResource {
  case image(WorldImage)
  case snapshot(WorldSnapshot)
  case volume(WorldVolume)
  case instance(WorldInstance)
  case template(WorldLaunchTemplate)
  case report(WorldUsageReport)
  /// Deleted, and kept by a rule: "you can only view it, restore it, or modify its tags".
  case recycledImage(WorldImage)
  case recycledSnapshot(WorldSnapshot)
  /// [capture] A consumer attaches tags of its own, which only it sees.
  case foreign(id: String, tags: [Tag])

  static func type(of id: String) -> String {
    let prefixes = [
      ("ami-", "image"), ("vol-", "volume"), ("i-", "instance"), ("lt-", "launch-template"),
      ("amiur-", "image-usage-report"),
    ]
    return prefixes.first { id.hasPrefix($0.0) }?.1 ?? "snapshot"
  }

  var tags: [Tag] {
    switch self {
    case .image(let image), .recycledImage(let image): image.tags
    case .snapshot(let snapshot), .recycledSnapshot(let snapshot): snapshot.tags
    case .volume(let volume): volume.tags
    case .instance(let instance): instance.tags
    case .template(let template): template.tags
    case .report(let report): report.tags
    case .foreign(_, let tags): tags
    }
  }

  static func find(_ id: String, _ call: Call, _ world: World) throws(ServiceError) -> TaggedResource {
    let scope = world.state(of: call.scope)
    switch type(of: id) {
    case "image": return try image(id, call, world)
    case "volume":
      guard let volume = scope.volumes[id] else { throw VolumeOperations.notFound(id) }
      return .volume(volume)
    case "instance":
      try InstanceLookup.check(id)
      guard let instance = InstanceLookup.listed(call, world)[id] else { throw InstanceLookup.notFound([id]) }
      return .instance(instance)
    case "launch-template":
      guard let template = scope.workloads.launchTemplates[id] else { throw LaunchTemplateLookup.notFound(id: id) }
      return .template(template)
    case "image-usage-report":
      guard let report = scope.workloads.usageReports[id] else { throw ImageUsageReportOperations.notFound(id) }
      return .report(report)
    default: return try snapshot(id, call, world)
    }
  }

  private static func image(_ id: String, _ call: Call, _ world: World) throws(ServiceError) -> TaggedResource {
    let account = call.caller.account
    try ImageLookup.check(id)
    let scope = world.state(of: call.scope)
    if let item = scope.recycleBin.images[id], item.leaves > call.now { return .recycledImage(item.element) }
    guard let image = world.image(id, in: call.region, seenBy: account),
      ImageLookup.isVisible(image, to: account, world)
    else { throw ImageLookup.notFound([id]) }
    return image.owner == account ? .image(image) : .foreign(id: id, tags: scope.foreignTags[id] ?? [])
  }

  private static func snapshot(_ id: String, _ call: Call, _ world: World) throws(ServiceError) -> TaggedResource {
    let account = call.caller.account
    guard id.hasPrefix("snap-") else { throw .ec2("InvalidID", "The ID '\(id)' is not valid") }
    let scope = world.state(of: call.scope)
    if let item = scope.recycleBin.snapshots[id], item.leaves > call.now { return .recycledSnapshot(item.element) }
    guard let snapshot = world.snapshot(id, in: call.region, seenBy: account),
      SnapshotLookup.isVisible(snapshot, to: account, world, now: call.now)
    else { throw SnapshotLookup.notFound(id) }
    return snapshot.owner == account ? .snapshot(snapshot) : .foreign(id: id, tags: scope.foreignTags[id] ?? [])
  }

  func put(_ tags: [Tag], _ scope: Scope, _ world: inout World) {
    switch self {
    case .image(var image):
      image.tags = tags
      world.put(image)
    case .snapshot(var snapshot):
      snapshot.tags = tags
      world.put(snapshot)
    case .volume(let volume): world.change(scope) { $0.volumes[volume.id]?.tags = tags }
    case .instance(let instance): world.change(scope) { $0.workloads.instances[instance.id]?.tags = tags }
    case .template(let template): world.change(scope) { $0.workloads.launchTemplates[template.id]?.tags = tags }
    case .report(let report): world.change(scope) { $0.workloads.usageReports[report.id]?.tags = tags }
    case .recycledImage(let image): world.change(scope) { $0.recycleBin.images[image.id]?.element.tags = tags }
    case .recycledSnapshot(let snapshot):
      world.change(scope) { $0.recycleBin.snapshots[snapshot.id]?.element.tags = tags }
    case .foreign(let id, _): world.change(scope) { $0.foreignTags[id] = tags.isEmpty ? nil : tags }
    }
  }
}
