import AWSWire
import Governance

/// One DescribeSnapshots call.
struct SnapshotListing {
  private let call: Call
  private let world: World
  private let filters: [Filter]
  private let page: Page
  private let ids: [String]
  private var viewer: String { call.caller.account }

  private static let filterNames: Set<String> = [
    "description", "encrypted", "owner-alias", "owner-id", "progress", "snapshot-id", "start-time", "status",
    "storage-tier", "tag-key", "transfer-type", "volume-id", "volume-size",
  ]

  init(_ call: Call, _ world: World) throws(ServiceError) {
    self.call = call
    self.world = world
    page = try Page.ec2(call, idsParameter: "SnapshotIds", idsName: "snapshotIdsSet")
    filters = try call.filters()
    ids = call.texts("SnapshotIds")
    for filter in filters where !Self.filterNames.contains(filter.name) && !filter.name.hasPrefix("tag:") {
      throw filter.invalid
    }
    for id in ids { try SnapshotLookup.check(id) }
    for user in call.texts("OwnerIds") + call.texts("RestorableByUserIds")
    where !["self", "all", "amazon", "aws-marketplace"].contains(user) && !Account.isID(user) {
      throw .ec2("InvalidUserID.Malformed", "Invalid user id: \"\(user)\"")
    }
  }

  func document() throws(ServiceError) -> Document {
    for id in ids where visible(id) == nil { throw SnapshotLookup.notFound(id) }
    let (listed, next) = page.cut(candidates) { id in visible(id).map(isWanted) ?? false }
    let foreignTags = world.scopes[call.scope]?.foreignTags ?? [:]
    var snapshots: [Document] = []
    for snapshot in listed.compactMap(visible) {
      let tags = snapshot.owner == viewer ? snapshot.tags : foreignTags[snapshot.id] ?? []
      snapshots.append(Self.document(snapshot, tags: tags, alias: world.account(snapshot.owner)?.alias))
    }
    return Document(entries: [("Snapshots", Document(snapshots)), ("NextToken", next.map { Document($0) })])
  }

  private func visible(_ id: String) -> WorldSnapshot? {
    guard let snapshot = world.snapshot(id, in: call.region, seenBy: viewer),
      SnapshotLookup.isVisible(snapshot, to: viewer, world, now: call.now)
    else { return nil }
    return snapshot
  }

  private var candidates: [String] {
    if !ids.isEmpty { return Set(ids).sorted() }
    let own = world.scopes[call.scope]?.snapshotIDs ?? []
    let owners = call.texts("OwnerIds")
    if !owners.isEmpty, owners.allSatisfy({ $0 == "self" || $0 == viewer }) { return own }
    let granted = world.sharedSnapshots.ids(in: call.region, grantedTo: [.everyone, .account(viewer)])
    return granted.isEmpty ? own : Set(own).union(granted).sorted()
  }

  private func isWanted(_ snapshot: WorldSnapshot) -> Bool {
    let owners = call.texts("OwnerIds")
    let alias = world.account(snapshot.owner)?.alias
    if !owners.isEmpty {
      let isOwner = owners.contains { $0 == "self" ? snapshot.owner == viewer : $0 == snapshot.owner || $0 == alias }
      guard isOwner else { return false }
    }
    let users = call.texts("RestorableByUserIds")
    if !users.isEmpty {
      let isRestorable = users.contains { user in
        switch user {
        case "all": snapshot.sharedWith.contains(.everyone)
        case "self", viewer: snapshot.owner == viewer || snapshot.sharedWith.contains(.account(viewer))
        default: snapshot.owner == viewer && snapshot.sharedWith.contains(.account(user))
        }
      }
      guard isRestorable else { return false }
    }
    return filters.allSatisfy { matches($0, snapshot, alias) }
  }

  private func matches(_ filter: Filter, _ snapshot: WorldSnapshot, _ alias: String?) -> Bool {
    let foreign = world.scopes[call.scope]?.foreignTags[snapshot.id] ?? []
    if let result = filter.matches(tags: snapshot.owner == viewer ? snapshot.tags : foreign) { return result }
    switch filter.name {
    case "description": return filter.matches(snapshot.description)
    case "encrypted": return filter.matches(snapshot.isEncrypted)
    case "owner-alias": return filter.matches(alias)
    case "owner-id": return filter.matches(snapshot.owner)
    case "progress": return filter.matches("100%")
    case "snapshot-id": return filter.matches(snapshot.id)
    case "start-time": return filter.matches(snapshot.started.iso8601Milliseconds)
    case "status": return filter.matches(snapshot.state)
    case "storage-tier", "transfer-type": return filter.matches("standard")
    case "volume-id": return filter.matches(snapshot.volumeID)
    case "volume-size": return filter.matches("\(snapshot.size)")
    default: return false
    }
  }

  static func document(_ snapshot: WorldSnapshot, tags: [Tag], alias: String?) -> Document {
    Document(entries: [
      ("SnapshotId", Document(snapshot.id)), ("VolumeId", Document(snapshot.volumeID)),
      ("State", Document(snapshot.state)), ("StartTime", Document(snapshot.started.iso8601Milliseconds)),
      ("Progress", Document(snapshot.state == "completed" ? "100%" : "0%")), ("OwnerId", Document(snapshot.owner)),
      ("OwnerAlias", alias.map { Document($0) }), ("Description", Document(snapshot.description)),
      ("VolumeSize", Document(snapshot.size)), ("Encrypted", Document(snapshot.isEncrypted)),
      ("KmsKeyId", snapshot.kmsKeyID.map { Document($0) }), ("StorageTier", "standard"),
      ("Tags", tags.isEmpty ? nil : ImagePrinter.tags(tags)),
    ])
  }
}
