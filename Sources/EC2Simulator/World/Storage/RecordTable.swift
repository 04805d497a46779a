import Governance

/// The records of one kind in one scope: rows that stay where they are, the order of their ids, and an index for each
/// attribute that anybody asked for.
///
/// Invariants:
/// 1. `order` has every record once, by id, with the number of its row; the rows in `vacant` belong to nobody.
/// 2. An index that was built has every value of every record: `insert` and `remove` keep it.
package struct RecordTable<Record: WorldRecord>: Sendable {
  /// Where a record stands.
  package struct Place: Comparable, Sendable {
    package var id: RecordID
    var row: UInt32

    package static func == (left: Place, right: Place) -> Bool { left.id == right.id }
    package static func < (left: Place, right: Place) -> Bool { left.id < right.id }
  }

  /// Set with the first record.
  private var scope: Scope?
  package private(set) var order = SortedChunks<Place>()
  /// In pieces, so that a copy that is changed does not copy them all.
  private var rows: [[Record.Row]] = []
  private var vacant: [UInt32] = []
  private var used: UInt32 = 0
  /// There once the first record is.
  var indexes: RecordIndexes<Record>?

  private static var piece: UInt32 { 256 }

  init() {}

  // MARK: Reading

  package var count: Int { order.count }
  package var isEmpty: Bool { order.isEmpty }
  /// Sorted.
  package var ids: [String] { order.map(\.id.text) }
  /// In the order of their ids; each is made when it is reached.
  package var values: LazyMapCollection<SortedChunks<Place>, Record> { order.lazy.map { record(at: $0) } }

  package subscript(id: String) -> Record? { place(of: RecordID(id)).map { record(at: $0) } }

  func place(of id: RecordID) -> Place? { order.element(equalTo: Place(id: id, row: 0)) }

  /// Of a place that this table gave, and that was not removed since.
  func row(at place: Place) -> Record.Row { rows[Int(place.row / Self.piece)][Int(place.row % Self.piece)] }

  func record(at place: Place) -> Record {
    row(at: place).record(in: scope ?? Scope(account: "", region: ""))
  }

  // MARK: Changing

  /// What it replaces, if anything.
  @discardableResult
  mutating func insert(_ record: Record, pool: inout RecordPool) -> Record? {
    if scope == nil {
      scope = record.scope
      indexes = RecordIndexes()
    }
    let row = Record.Row(record, pool: &pool)
    if let place = place(of: row.id) {
      let old = self.record(at: place)
      rows[Int(place.row / Self.piece)][Int(place.row % Self.piece)] = row
      change { $0.replace(old, with: record, at: place) }
      return old
    }
    let place = Place(id: row.id, row: vacant.popLast() ?? used)
    if place.row < used {
      rows[Int(place.row / Self.piece)][Int(place.row % Self.piece)] = row
    } else {
      if place.row % Self.piece == 0 { rows.append([]) }
      rows[Int(place.row / Self.piece)].append(row)
      used += 1
    }
    order.insert(place)
    change { $0.replace(nil, with: record, at: place) }
    return nil
  }

  @discardableResult
  mutating func remove(_ id: String) -> Record? {
    guard let place = place(of: RecordID(id)) else { return nil }
    let old = record(at: place)
    order.remove(place)
    vacant.append(place.row)
    change { $0.replace(old, with: nil, at: place) }
    return old
  }

  /// Another copy of this table may look into the same indexes: it keeps them as they are.
  private mutating func change(_ change: (RecordIndexes<Record>) -> Void) {
    guard let count = indexes?.count, count > 0 else { return }
    if !isKnownUniquelyReferenced(&indexes) { indexes = indexes.map { RecordIndexes(copyOf: $0) } }
    if let indexes { change(indexes) }
  }
}

extension RecordTable: Equatable {
  package static func == (left: RecordTable, right: RecordTable) -> Bool { left.values.elementsEqual(right.values) }
}
