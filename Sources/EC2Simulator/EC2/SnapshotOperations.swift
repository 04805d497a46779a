import AWSWire
import Governance

enum SnapshotLookup {
  static func notFound(_ id: String) -> ServiceError {
    .ec2("InvalidSnapshot.NotFound", "The snapshot '\(id)' does not exist.")
  }

  static func check(_ id: String) throws(ServiceError) {
    let digits = id.dropFirst(5)
    let isHexadecimal = digits.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) }
    guard id.hasPrefix("snap-"), isHexadecimal, [8, 17].contains(digits.count) else {
      throw .ec2(
        "InvalidSnapshotID.Malformed", "Value (\(id)) for parameter snapshotId is invalid. Expected: 'snap-...'.")
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
    if snapshot.owner == call.caller.account {
      for tag in snapshot.tags {
        target.context["aws:resourcetag/\(tag.key.lowercased())"] = [tag.value]
        target.context["ec2:resourcetag/\(tag.key.lowercased())"] = [tag.value]
      }
    }
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
        [Authorizer.Target(resource: call.arn("snapshot/*")), Authorizer.Target(resource: volumeARN(call))]
          + TagOperations.creationTargets(call, creating: "CreateSnapshot")
      }, isMutating: true
    ) { call, state throws(ServiceError) in try create(call, &state) },
    OperationEntry("ec2", "DeleteSnapshot", authorization: .resources(SnapshotLookup.targets), isMutating: true) {
      call, state throws(ServiceError) in
      let snapshot = try SnapshotLookup.owned(call, state.world)
      if let users = state.world.scopes[snapshot.scope]?.imagesBySnapshot[snapshot.id], !users.isEmpty {
        throw .ec2(
          "InvalidSnapshot.InUse", "The snapshot \(snapshot.id) is currently in use by \(users.joined(separator: ", "))"
        )
      }
      state.world.remove(snapshot)
      return ImageLookup.success
    },
  ]

  private static func volumeARN(_ call: Call) -> String {
    call.arn("volume/\(call.text("VolumeId") ?? "*")", account: call.caller.account)
  }

  /// A world has no volumes of their own: one is there if a snapshot of the account came from it.
  private static func create(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let volume = try call.required("VolumeId")
    guard volume.hasPrefix("vol-") else {
      throw .ec2("InvalidParameterValue", "Value (\(volume)) for parameter volumeId is invalid. Expected: 'vol-...'.")
    }
    let earlier = state.world.scopes[call.scope]?.snapshots.values.filter { $0.volumeID == volume } ?? []
    guard let latest = earlier.max(by: { ($0.started, $0.id) < ($1.started, $1.id) }) else {
      throw .ec2("InvalidVolume.NotFound", "The volume '\(volume)' does not exist.")
    }
    var snapshot = WorldSnapshot(
      id: state.newID("snap"), owner: call.caller.account, region: call.region, volumeID: volume, size: latest.size,
      started: call.now)
    snapshot.isEncrypted = latest.isEncrypted
    snapshot.kmsKeyID = latest.kmsKeyID
    snapshot.description = call.text("Description") ?? ""
    snapshot.tags = try TagOperations.creationTags(call, of: "snapshot")
    state.world.put(snapshot)
    return SnapshotListing.document(snapshot, tags: snapshot.tags, alias: nil)
  }
}
