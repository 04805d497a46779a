package import Governance

package struct SnapshotRow: WorldRow {
  package let id: RecordID
  private let volume: RecordID
  private let started: Timestamp
  /// Without id, owner, place, volume and date.
  private let profile: Shared<WorldSnapshot>

  package init(_ snapshot: WorldSnapshot, pool: inout RecordPool) {
    id = RecordID(snapshot.id)
    volume = RecordID(snapshot.volumeID)
    started = snapshot.started
    var common = snapshot
    common.id = ""
    common.owner = ""
    common.region = ""
    common.volumeID = ""
    common.started = Timestamp(seconds: 0)
    profile = pool.profile(common)
  }

  package func record(in scope: Scope) -> WorldSnapshot {
    var snapshot = profile.value
    snapshot.id = id.text
    snapshot.owner = scope.account
    snapshot.region = scope.region
    snapshot.volumeID = volume.text
    snapshot.started = started
    return snapshot
  }
}

extension WorldSnapshot: WorldRecord {
  package typealias Row = SnapshotRow

  package static let idAttribute = "snapshot-id"
  package func values(of attribute: String) -> [String] { SnapshotFilter.values(attribute, of: self) }
  package static func isIndexed(_ attribute: String) -> Bool { !SnapshotFilter.dependsOnViewer(attribute) }
  package static func table(in scope: ScopeState) -> RecordTable<WorldSnapshot> { scope.snapshots }
  package static func shares(in world: World) -> ShareIndex { world.sharedSnapshots }
}
