import Governance

/// A record where it stands, not made yet.
struct StoredRecord<Record: WorldRecord> {
  let row: Record.Row
  let scope: Scope

  var id: String { row.id.text }
  var record: Record { row.record(in: scope) }
}

/// Everything that can be in a listing, in the order of the ids, and as little more as the indexes allow: the lister
/// still looks at each whether it is wanted.
struct RecordSearch<Record: WorldRecord> {
  let world: World
  /// Who lists, and where.
  let viewer: Scope
  /// Given by the caller: nothing else is looked at then.
  var ids: [String] = []
  /// Whose records, by account or alias; empty: anybody's.
  var owners: [String] = []
  /// What others own is looked at when it is granted to one of these.
  var grantees: [Grantee] = []
  var filters: [Filter] = []

  /// Those behind an id, where one is given.
  func results(after: String?) -> Results {
    let after = after.map { RecordID($0) }
    func isBefore(_ id: RecordID) -> Bool { after.map { id <= $0 } ?? false }
    if let ids = exactIDs {
      return Results(world: world, viewer: viewer, others: MergedIDs([SortedChunks(ids)], after: after), ids: true)
    }
    var results = Results(
      world: world, viewer: viewer, others: MergedIDs(foreign(narrowing), after: after), ids: false)
    guard isWanted(owner: viewer.account), let table = world.scopes[viewer].map({ Record.table(in: $0) })
    else { return results }
    let places = table.places(matchingNarrowestOf: narrowing) ?? table.order
    results.table = table
    results.own = places[places.start { isBefore($0.id) }...]
    return results
  }

  private var narrowing: [Filter] { filters.filter { Record.isIndexed($0.name) } }

  /// Of the caller, or of a filter without wildcards.
  private var exactIDs: [RecordID]? {
    if !ids.isEmpty { return ids.map { RecordID($0) } }
    let exact = filters.first { filter in
      filter.name == Record.idAttribute && !filter.values.contains(where: Filter.isPattern)
    }
    return exact?.values.map { RecordID($0) }
  }

  private func isWanted(owner: String) -> Bool {
    owners.isEmpty || owners.contains(owner) || world.account(owner)?.alias.map(owners.contains) == true
  }

  /// What others have granted.
  private func foreign(_ filters: [Filter]) -> [SortedChunks<RecordID>] {
    guard !grantees.isEmpty, owners != [viewer.account] else { return [] }
    // The owner's tags are not visible to others: what they have tagged themselves can match, and nothing else.
    if filters.contains(where: \.isOfTags) {
      return [SortedChunks((world.scopes[viewer]?.foreignTags ?? [:]).keys.lazy.map { RecordID($0) })]
    }
    let shares = Record.shares(in: world)
    if filters.isEmpty, owners.isEmpty { return shares.lists(in: viewer.region, grantedTo: grantees) }
    let granted = Filter(name: RecordIndexes<Record>.grantee, values: grantees.map(\.text))
    let found = shares.owners(in: viewer.region, grantingTo: grantees).lazy
      .filter { $0 != viewer.account && isWanted(owner: $0) }
      .compactMap { world.scopes[Scope(account: $0, region: viewer.region)] }
      .flatMap { Record.table(in: $0).places(matchingNarrowestOf: filters + [granted])?.map(\.id) ?? [] }
    return [SortedChunks(found)]
  }
}

extension RecordSearch {
  struct Results: Sequence, IteratorProtocol {
    private let world: World
    private let viewer: Scope
    private let isByID: Bool
    private var others: MergedIDs
    private var nextOther: StoredRecord<Record>?
    fileprivate var table = RecordTable<Record>()
    fileprivate var own = SortedChunks<RecordTable<Record>.Place>()[...]

    fileprivate init(world: World, viewer: Scope, others: MergedIDs, ids: Bool) {
      self.world = world
      self.viewer = viewer
      self.others = others
      isByID = ids
      nextOther = other()
    }

    mutating func next() -> StoredRecord<Record>? {
      guard let place = own.first else { return takeOther() }
      if let nextOther, nextOther.row.id < place.id { return takeOther() }
      own.removeFirst()
      return StoredRecord(row: table.row(at: place), scope: viewer)
    }

    private mutating func takeOther() -> StoredRecord<Record>? {
      defer { nextOther = other() }
      return nextOther
    }

    /// What is the viewer's own comes from its own list.
    private mutating func other() -> StoredRecord<Record>? {
      while let id = others.next() {
        guard let found = world.stored(id, in: viewer.region, as: Record.self) else { continue }
        if isByID || found.scope != viewer { return found }
      }
      return nil
    }
  }
}
