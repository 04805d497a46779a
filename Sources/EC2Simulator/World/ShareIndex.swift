import Governance

/// Who may see what does not belong to them: by region, by grantee, the ids in order, with their owners.
///
/// Derived from the images (or snapshots) and kept with every change, so that the cost of a listing across accounts
/// grows with its answer and not with the world.
struct ShareIndex: Sendable {
  private struct Key: Hashable, Sendable {
    var region: String
    var grantee: Grantee
  }
  private var ids: [Key: [String]] = [:]
  /// Region and id of everything shared with anyone → its owner.
  private var owners: [Key2: String] = [:]
  private struct Key2: Hashable, Sendable {
    var region: String
    var id: String
  }

  mutating func replace(_ old: [Grantee], with new: [Grantee], id: String, owner: String, region: String) {
    for grantee in old where !new.contains(grantee) {
      ids[Key(region: region, grantee: grantee)]?.removeSorted(id)
    }
    for grantee in new where !old.contains(grantee) {
      ids[Key(region: region, grantee: grantee), default: []].insertSorted(id)
    }
    owners[Key2(region: region, id: id)] = new.isEmpty ? nil : owner
  }

  /// Ids granted to any of `grantees`, sorted, each once.
  func ids(in region: String, grantedTo grantees: [Grantee]) -> [String] {
    let lists = grantees.compactMap { ids[Key(region: region, grantee: $0)] }.filter { !$0.isEmpty }
    if lists.count == 1 { return lists[0] }
    return Set(lists.joined()).sorted()
  }

  /// The owner of something that is shared with anyone.
  func owner(of id: String, in region: String) -> String? { owners[Key2(region: region, id: id)] }
}
