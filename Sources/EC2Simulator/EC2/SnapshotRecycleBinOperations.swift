import AWSWire
import Governance

/// ListSnapshotsInRecycleBin and RestoreSnapshotFromRecycleBin.
enum SnapshotRecycleBinOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "ListSnapshotsInRecycleBin") { call, state throws(ServiceError) in
      try list(call, state.world)
    },
    OperationEntry(
      "ec2", "RestoreSnapshotFromRecycleBin", authorization: .resources(SnapshotLookup.targets), isMutating: true
    ) { call, state throws(ServiceError) in try restore(call, &state) },
  ]

  static func keep(_ snapshot: WorldSnapshot, at now: Timestamp, in world: inout World) {
    guard let retention = world.state(of: snapshot.scope).recycleBin.snapshotRetention else { return }
    var snapshot = snapshot
    snapshot.tags = TagOperations.merged(snapshot.tags, with: [ImageRecycleBinOperations.mark])
    world.change(snapshot.scope) { state in
      state.recycleBin.snapshots[snapshot.id] = .init(element: snapshot, entered: now, leaves: now + retention)
    }
  }

  private static func list(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    for id in call.texts("SnapshotIds") { try SnapshotLookup.check(id) }
    var bin = world.state(of: call.scope).recycleBin
    bin.settle(at: call.now)
    let ids = Listing.IDs(parameter: "SnapshotIds", name: "snapshotIdsSet") { SnapshotLookup.notFound($0[0]) }
    let listing = Listing(call: call, ids: ids, filterNames: [], takesTagFilters: false)
    let (items, next) = try listing.cut(bin.snapshots) { _, _ in true }
    let snapshots = items.map { item -> Document in
      [
        "SnapshotId": Document(item.element.id), "VolumeId": Document(item.element.volumeID),
        "Description": Document(item.element.description),
        "RecycleBinEnterTime": Document(item.entered.iso8601Milliseconds),
        "RecycleBinExitTime": Document(item.leaves.iso8601Milliseconds),
      ]
    }
    return Document(entries: [("Snapshots", Document(snapshots)), ("NextToken", next)])
  }

  private static func restore(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let id = try call.required("SnapshotId")
    try SnapshotLookup.check(id)
    var bin = state.world.state(of: call.scope).recycleBin
    bin.settle(at: call.now)
    guard let item = bin.snapshots.removeValue(forKey: id) else { throw SnapshotLookup.notFound(id) }
    var snapshot = item.element
    snapshot.tags.removeAll { $0 == ImageRecycleBinOperations.mark }
    state.world.change(call.scope) { $0.recycleBin = bin }
    state.world.put(snapshot)
    return Document(entries: [
      ("SnapshotId", Document(snapshot.id)), ("Description", Document(snapshot.description)),
      ("Encrypted", Document(snapshot.isEncrypted)), ("OwnerId", Document(snapshot.owner)),
      ("Progress", "100%"), ("StartTime", Document(snapshot.started.iso8601Milliseconds)),
      ("State", Document(snapshot.state)), ("VolumeId", Document(snapshot.volumeID)),
      ("VolumeSize", Document(snapshot.size)),
    ])
  }
}
