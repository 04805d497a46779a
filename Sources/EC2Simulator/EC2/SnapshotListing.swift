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

  init(_ call: Call, _ world: World) throws(ServiceError) {
    self.call = call
    self.world = world
    page = try Page.ec2(call, idsParameter: "SnapshotIds", idsName: "snapshotIdsSet")
    filters = try call.filters()
    ids = call.texts("SnapshotIds")
    for filter in filters where !SnapshotFilter.isKnown(filter.name) { throw filter.invalid }
    for id in ids { try SnapshotLookup.check(id) }
    for user in call.texts("OwnerIds") + call.texts("RestorableByUserIds")
    where !["self", "all", "amazon", "aws-marketplace"].contains(user) && !Account.isID(user) {
      throw .ec2("InvalidUserID.Malformed", "Invalid user id: \"\(user)\"")
    }
  }

  func document() throws(ServiceError) -> Document {
    for id in ids where visible(id) == nil { throw SnapshotLookup.notFound(id) }
    let (listed, next) = page.cut(search.results(after: page.after), id: \WorldSnapshot.id) { stored in
      let snapshot = stored.record
      let isVisible = SnapshotLookup.isVisible(snapshot, to: viewer, world, now: call.now)
      return isVisible && isWanted(snapshot) ? snapshot : nil
    }
    let foreignTags = world.scopes[call.scope]?.foreignTags ?? [:]
    let snapshots = listed.map { snapshot in
      let tags = snapshot.owner == viewer ? snapshot.tags : foreignTags[snapshot.id] ?? []
      return Self.document(snapshot, tags: tags, alias: world.account(snapshot.owner)?.alias)
    }
    return Document(entries: [("Snapshots", Document(snapshots)), ("NextToken", next.map { Document($0) })])
  }

  private func visible(_ id: String) -> WorldSnapshot? {
    guard let snapshot = world.snapshot(id, in: call.region, seenBy: viewer),
      SnapshotLookup.isVisible(snapshot, to: viewer, world, now: call.now)
    else { return nil }
    return snapshot
  }

  private var search: RecordSearch<WorldSnapshot> {
    RecordSearch(
      world: world, viewer: call.scope, ids: ids,
      owners: call.texts("OwnerIds").map { $0 == "self" ? viewer : $0 }, grantees: [.everyone, .account(viewer)],
      filters: filters)
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
    if filter.name == "owner-alias" { return filter.matches(alias) }
    return filter.matches(SnapshotFilter.values(filter.name, of: snapshot))
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

/// The filters of DescribeSnapshots, by their documented names.
enum SnapshotFilter {
  private static let names: Set<String> = [
    "description", "encrypted", "owner-alias", "owner-id", "progress", "snapshot-id", "start-time", "status",
    "storage-tier", "tag-key", "transfer-type", "volume-id", "volume-size",
  ]

  static func isKnown(_ name: String) -> Bool { names.contains(name) || name.hasPrefix("tag:") }

  /// An alias is the account's.
  static func dependsOnViewer(_ name: String) -> Bool { name == "owner-alias" }

  /// What a filter compares, for all that depends on the snapshot alone; tags as their owner sees them.
  static func values(_ name: String, of snapshot: WorldSnapshot) -> [String] {
    if let values = Filter.values(name, of: snapshot.tags) { return values }
    return switch name {
    case "description": [snapshot.description]
    case "encrypted": ["\(snapshot.isEncrypted)"]
    case "owner-id": [snapshot.owner]
    case "progress": ["100%"]
    case "snapshot-id": [snapshot.id]
    case "start-time": [snapshot.started.iso8601Milliseconds]
    case "status": [snapshot.state]
    case "storage-tier", "transfer-type": ["standard"]
    case "volume-id": [snapshot.volumeID]
    case "volume-size": ["\(snapshot.size)"]
    default: []
    }
  }
}
