import AWSWire
import Governance

/// ModifySnapshotTier, RestoreSnapshotTier, DescribeSnapshotTierStatus: a snapshot in the archive, at once.
enum SnapshotTierOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "ModifySnapshotTier", authorization: .resources(SnapshotLookup.targets), isMutating: true) {
      call, state throws(ServiceError) in
      let snapshot = try SnapshotLookup.owned(call, state.world)
      guard (call.text("StorageTier") ?? "archive") == "archive" else {
        throw GuardrailOperations.invalid(call.text("StorageTier") ?? "", "storageTier")
      }
      // [doc] "You can't archive snapshots that are associated with a registered AMI".
      let users = state.world.state(of: snapshot.scope).images(on: snapshot.id)
      guard users.isEmpty else { throw SnapshotOperations.inUse(snapshot.id, by: users) }
      state.world.change(snapshot.scope) { $0.archivedSnapshots[snapshot.id] = call.now }
      return ["SnapshotId": Document(snapshot.id), "TieringStartTime": Document(call.now.iso8601Milliseconds)]
    },
    OperationEntry("ec2", "RestoreSnapshotTier", authorization: .resources(SnapshotLookup.targets), isMutating: true) {
      call, state throws(ServiceError) in
      let snapshot = try SnapshotLookup.owned(call, state.world)
      guard state.world.state(of: snapshot.scope).archivedSnapshots[snapshot.id] != nil else {
        throw .ec2("IncorrectState", "The snapshot '\(snapshot.id)' is not archived.")
      }
      let isPermanent = call.bool("PermanentRestore") || call.integer("TemporaryRestoreDays") == nil
      state.world.change(snapshot.scope) { $0.archivedSnapshots[snapshot.id] = nil }
      return Document(entries: [
        ("SnapshotId", Document(snapshot.id)), ("RestoreStartTime", Document(call.now.iso8601Milliseconds)),
        ("RestoreDuration", isPermanent ? nil : call.integer("TemporaryRestoreDays").map { Document($0) }),
        ("IsPermanentRestore", Document(isPermanent)),
      ])
    },
    OperationEntry("ec2", "DescribeSnapshotTierStatus") { call, state throws(ServiceError) in
      try describe(call, state.world)
    },
  ]

  private static func describe(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    let scope = world.state(of: call.scope)
    let listing = Listing(
      call: call, filterNames: ["snapshot-id", "volume-id", "last-tiering-operation"], takesTagFilters: false)
    let snapshots = Dictionary(uniqueKeysWithValues: scope.snapshots.values.map { ($0.id, $0) })
    let (listed, next) = try listing.cut(snapshots) { filter, snapshot in
      switch filter.name {
      case "snapshot-id": filter.matches(snapshot.id)
      case "volume-id": filter.matches(snapshot.volumeID)
      default: scope.archivedSnapshots[snapshot.id] != nil && filter.matches("archival-completed")
      }
    }
    let statuses = listed.map { snapshot in
      let time = scope.archivedSnapshots[snapshot.id].map { Document($0.iso8601Milliseconds) }
      return Document(entries: [
        ("SnapshotId", Document(snapshot.id)), ("VolumeId", Document(snapshot.volumeID)), ("Status", "completed"),
        ("OwnerId", Document(snapshot.owner)), ("Tags", ImagePrinter.tags(snapshot.tags)),
        ("StorageTier", time == nil ? "standard" : "archive"), ("LastTieringStartTime", time),
        ("LastTieringProgress", time.map { _ in 100 }),
        ("LastTieringOperationStatus", time.map { _ in "archival-completed" }), ("ArchivalCompleteTime", time),
      ])
    }
    return Document(entries: [("SnapshotTierStatuses", Document(statuses)), ("NextToken", next)])
  }
}
