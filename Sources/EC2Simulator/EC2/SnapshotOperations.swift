import AWSWire
import Governance

enum SnapshotLookup {
  static func notFound(_ id: String) -> ServiceError {
    .ec2("InvalidSnapshot.NotFound", "The snapshot '\(id)' does not exist.")
  }

  static func check(_ id: String) throws(ServiceError) {
    guard id.hasPrefix("snap-") else {
      throw .ec2("InvalidSnapshotID.Malformed", "Invalid id: \"\(id)\" (expecting \"snap-...\")")
    }
    // [quote] Cloud Custodian reads the id out of this text.
    guard ResourceID.isWellFormed(id, prefix: "snap") else {
      throw .ec2("InvalidSnapshotID.Malformed", "Invalid id: \"\(id)\"")
    }
  }

  /// Block public access with `block-all-sharing` hides what is public without changing its permissions.
  static func isVisible(_ snapshot: WorldSnapshot, to account: String, _ world: World, now: Timestamp) -> Bool {
    if snapshot.owner == account || snapshot.sharedWith.contains(.account(account)) { return true }
    return snapshot.sharedWith.contains(.everyone)
      && world.snapshotBlockPublicAccess(of: snapshot.scope).state(at: now) != "block-all-sharing"
  }

  static func visible(_ call: Call, _ world: World) throws(ServiceError) -> WorldSnapshot {
    let id = try call.required("SnapshotId")
    try check(id)
    guard let snapshot = world.snapshot(id, in: call.region, seenBy: call.caller.account),
      isVisible(snapshot, to: call.caller.account, world, now: call.now)
    else { throw notFound(id) }
    return snapshot
  }

  static func owned(_ call: Call, _ world: World) throws(ServiceError) -> WorldSnapshot {
    let snapshot = try visible(call, world)
    guard snapshot.owner == call.caller.account else {
      throw .ec2("AuthFailure", "Not authorized for snapshot:\(snapshot.id)")
    }
    return snapshot
  }

  static let targets: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    [target(call.text("SnapshotId") ?? "", call, world)]
  }

  static func target(_ id: String, _ call: Call, _ world: World) -> Authorizer.Target {
    var target = Authorizer.Target(resource: call.arn("snapshot/\(id.isEmpty ? "*" : id)"))
    guard let snapshot = world.snapshot(id, in: call.region, seenBy: call.caller.account) else { return target }
    target.context = ["ec2:owner": [snapshot.owner], "ec2:snapshotid": [id], "aws:resourceaccount": [snapshot.owner]]
    if snapshot.owner == call.caller.account { TagOperations.addResourceTags(snapshot.tags, to: &target) }
    return target
  }
}

/// DescribeSnapshots, CreateSnapshot, DeleteSnapshot.
enum SnapshotOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "DescribeSnapshots") { call, state throws(ServiceError) in
      try SnapshotListing(call, state.world).document()
    },
    OperationEntry(
      "ec2", "CreateSnapshot",
      authorization: .resources { call, world in
        [
          Authorizer.Target(resource: call.arn("snapshot/*")),
          VolumeOperations.target(call.text("VolumeId") ?? "", call, world),
        ]
          + TagOperations.creationTargets(call, creating: "CreateSnapshot")
      }, isMutating: true
    ) { call, state throws(ServiceError) in try create(call, &state) },
    OperationEntry("ec2", "DeleteSnapshot", authorization: .resources(SnapshotLookup.targets), isMutating: true) {
      call, state throws(ServiceError) in
      let snapshot = try SnapshotLookup.owned(call, state.world)
      let users = state.world.state(of: snapshot.scope).images(on: snapshot.id)
      guard users.isEmpty else { throw inUse(snapshot.id, by: users) }
      state.world.remove(snapshot)
      SnapshotRecycleBinOperations.keep(snapshot, at: call.now, in: &state.world)
      return ImageLookup.success
    },
  ]

  static func inUse(_ id: String, by images: [String]) -> ServiceError {
    .ec2("InvalidSnapshot.InUse", "The snapshot \(id) is currently in use by \(images.joined(separator: ", "))")
  }

  /// Of a volume that was made with CreateVolume; or of one that an earlier snapshot of the account came from, as
  /// worlds have instances' volumes by their snapshots only.
  private static func create(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let volume = try call.required("VolumeId")
    try VolumeOperations.check(volume)
    guard let source = source(volume, in: state.world.scopes[call.scope]) else {
      throw VolumeOperations.notFound(volume)
    }
    let tags = try TagOperations.creationTags(call, of: "snapshot", among: ["snapshot"])
    var snapshot = WorldSnapshot(
      id: state.newID("snap"), owner: call.caller.account, region: call.region, volumeID: volume, size: source.size,
      started: call.now)
    snapshot.isEncrypted = source.isEncrypted
    snapshot.kmsKeyID = source.kmsKeyID
    snapshot.description = call.text("Description") ?? ""
    snapshot.tags = tags
    SnapshotCreation.finish(snapshot, call, &state)
    // What was asked for a moment ago is always told as pending.
    snapshot.state = "pending"
    return SnapshotListing.document(snapshot, tags: snapshot.tags, alias: nil, isArchived: false)
  }

  private static func source(_ id: String, in scope: ScopeState?)
    -> (size: Int, isEncrypted: Bool, kmsKeyID: String?)?
  {
    if let volume = scope?.volumes[id] { return (volume.size, volume.isEncrypted, volume.kmsKeyID) }
    let earlier = scope?.snapshots.records(matching: Filter(name: "volume-id", values: [id])) ?? []
    guard let latest = earlier.max(by: { ($0.started, $0.id) < ($1.started, $1.id) }) else { return nil }
    return (latest.size, latest.isEncrypted, latest.kmsKeyID)
  }
}
