import AWSWire
import Governance

/// ListImagesInRecycleBin and RestoreImageFromRecycleBin. Retention rules stand in world files: they are another
/// service's.
enum ImageRecycleBinOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "ListImagesInRecycleBin") { call, state throws(ServiceError) in try list(call, state.world) },
    OperationEntry(
      "ec2", "RestoreImageFromRecycleBin", authorization: .resources(ImageLookup.targets), isMutating: true
    ) { call, state throws(ServiceError) in try restore(call, &state) },
  ]

  /// "While a resource is in the Recycle Bin ... the following system-generated tag is assigned."
  static let mark = Tag(key: "aws:recycle-bin:resource-in-bin", value: "true")

  /// Puts a deregistered image where a rule wants it kept.
  static func keep(_ image: WorldImage, at now: Timestamp, in world: inout World) {
    guard let retention = world.state(of: image.scope).recycleBin.imageRetention else { return }
    var image = image
    // Whoever it was shared with has no permission on what is in the bin; a restored image has its shares again.
    image.tags = TagOperations.merged(image.tags, with: [mark])
    world.change(image.scope) { state in
      state.recycleBin.images[image.id] = .init(element: image, entered: now, leaves: now + retention)
    }
  }

  private static func list(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    let ids = call.texts("ImageIds")
    guard ids.count <= 20 else {
      throw .ec2("InvalidParameterValue", "You can specify up to 20 image IDs in a single request.")
    }
    for id in ids { try ImageLookup.check(id) }
    var bin = world.state(of: call.scope).recycleBin
    bin.settle(at: call.now)
    let listing = Listing(
      call: call, ids: .init(parameter: "ImageIds", name: "imageIdsSet", notFound: ImageLookup.notFound),
      filterNames: [], takesTagFilters: false)
    let (items, next) = try listing.cut(bin.images) { _, _ in true }
    let images = items.map { item in
      Document(entries: [
        ("ImageId", Document(item.element.id)), ("Name", Document(item.element.name)),
        ("Description", item.element.members[.description].map { Document($0) }),
        ("RecycleBinEnterTime", Document(item.entered.iso8601Milliseconds)),
        ("RecycleBinExitTime", Document(item.leaves.iso8601Milliseconds)),
      ])
    }
    return Document(entries: [("Images", Document(images)), ("NextToken", next)])
  }

  private static func restore(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let id = try call.required("ImageId")
    try ImageLookup.check(id)
    var bin = state.world.state(of: call.scope).recycleBin
    bin.settle(at: call.now)
    guard let item = bin.images.removeValue(forKey: id) else { throw ImageLookup.notFound([id]) }
    var image = item.element
    // [doc] Its snapshots must be restored first where they are in the bin too. Code and text are not established.
    let snapshots = state.world.state(of: call.scope).snapshots
    if let missing = image.snapshotIDs.first(where: { snapshots[$0] == nil }) { throw SnapshotLookup.notFound(missing) }
    image.tags.removeAll { $0 == mark }
    state.deregistered.remove(id)
    state.world.change(call.scope) { $0.recycleBin = bin }
    state.world.put(image)
    return ImageLookup.success
  }
}
