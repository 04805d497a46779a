import Governance

/// Whose a record is, and who may see what does not belong to them, by region. Derived from the records and kept with
/// every change, so that the cost of a listing across accounts grows with its answer and not with the world.
package struct ShareIndex: Sendable {
  private struct Key: Hashable, Sendable {
    var region: String
    var grantee: Grantee
  }

  /// What is granted to one grantee, and by how many records each owner grants something.
  private struct Grant: Sendable {
    var ids = SortedChunks<RecordID>()
    var owners: [String: Int] = [:]
  }

  private var grants: [Key: Grant] = [:]
  /// By region, and then by id: the owner's number.
  private var owners: [String: [RecordID: UInt32]] = [:]
  private var accounts: [String] = []
  private var numbers: [String: UInt32] = [:]

  init() {}

  mutating func insert(_ id: String, owner: String, region: String) {
    let number = numbers[owner] ?? UInt32(accounts.count)
    if number == accounts.count {
      accounts.append(owner)
      numbers[owner] = number
    }
    owners[region, default: [:]][RecordID(id)] = number
  }

  mutating func remove(_ id: String, region: String) { owners[region]?[RecordID(id)] = nil }

  mutating func replace(_ old: [Grantee], with new: [Grantee], id: String, owner: String, region: String) {
    let id = RecordID(id)
    for grantee in Set(old).subtracting(new) {
      grants[Key(region: region, grantee: grantee)]?.ids.remove(id)
      grants[Key(region: region, grantee: grantee)]?.owners[owner, default: 1] -= 1
      if grants[Key(region: region, grantee: grantee)]?.owners[owner] == 0 {
        grants[Key(region: region, grantee: grantee)]?.owners[owner] = nil
      }
    }
    for grantee in Set(new).subtracting(old) {
      grants[Key(region: region, grantee: grantee), default: Grant()].ids.insert(id)
      grants[Key(region: region, grantee: grantee), default: Grant()].owners[owner, default: 0] += 1
    }
  }

  /// Ids granted to any of `grantees`, sorted, each once.
  func ids(in region: String, grantedTo grantees: [Grantee]) -> [String] {
    MergedIDs(lists(in: region, grantedTo: grantees), after: nil).map(\.text)
  }

  func lists(in region: String, grantedTo grantees: [Grantee]) -> [SortedChunks<RecordID>] {
    grantees.compactMap { grants[Key(region: region, grantee: $0)]?.ids }.filter { !$0.isEmpty }
  }

  /// Who grants anything to any of `grantees`, sorted.
  func owners(in region: String, grantingTo grantees: [Grantee]) -> [String] {
    Set(grantees.flatMap { grants[Key(region: region, grantee: $0)]?.owners.keys.map { $0 } ?? [] }).sorted()
  }

  /// Shared or not.
  func owner(of id: RecordID, in region: String) -> String? {
    owners[region]?[id].map { accounts[Int($0)] }
  }
}

/// Several sorted lists of ids as one, each id once. Only as much of them is looked at as is asked for.
struct MergedIDs: Sequence, IteratorProtocol {
  private var rests: [Slice<SortedChunks<RecordID>>]

  init(_ lists: [SortedChunks<RecordID>], after: RecordID?) {
    rests = lists.map { list in
      guard let after else { return list[...] }
      return list[list.start { $0 <= after }...]
    }
  }

  mutating func next() -> RecordID? {
    var least: RecordID?
    for rest in rests {
      if let first = rest.first, least.map({ first < $0 }) ?? true { least = first }
    }
    guard let least else { return nil }
    for position in rests.indices where rests[position].first == least { rests[position].removeFirst() }
    return least
  }
}
