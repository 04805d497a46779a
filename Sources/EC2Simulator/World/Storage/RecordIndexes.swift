import Synchronization

/// The indexes of one table: by attribute, each made when it is first asked for and kept with every change from then on.
final class RecordIndexes<Record: WorldRecord>: Sendable {
  typealias Place = RecordTable<Record>.Place

  /// One value of one record, in the order of the values' bytes and then of the ids.
  struct Entry: Comparable, Sendable {
    var value: String
    var place: Place

    static func == (left: Entry, right: Entry) -> Bool { left.place == right.place && left.value == right.value }
    static func < (left: Entry, right: Entry) -> Bool {
      switch ByteOrder.compare(left.value, right.value) {
      case ..<0: true
      case 0: left.place < right.place
      default: false
      }
    }
  }

  /// The attribute that is whom a record is shared with; no filter has it.
  static var grantee: String { "granted to" }

  /// A client can ask for the tags of any key: beyond this many indexes they begin anew.
  private static var most: Int { 64 }

  private let built: Mutex<[String: SortedChunks<Entry>]>

  init() { built = Mutex([:]) }
  init(copyOf other: RecordIndexes) { built = Mutex(other.built.withLock { $0 }) }

  var count: Int { built.withLock { $0.count } }

  func index(of attribute: String, in table: RecordTable<Record>) -> SortedChunks<Entry> {
    if let index = built.withLock({ $0[attribute] }) { return index }
    let index = SortedChunks(
      table.order.lazy.flatMap { place in
        Self.values(attribute, table.record(at: place)).map { Entry(value: $0, place: place) }
      })
    built.withLock { built in
      if built.count == Self.most { built = [:] }
      built[attribute] = index
    }
    return index
  }

  private static func values(_ attribute: String, _ record: Record) -> [String] {
    attribute == grantee ? record.sharedWith.map(\.text) : record.values(of: attribute)
  }

  func replace(_ old: Record?, with new: Record?, at place: Place) {
    built.withLock { built in
      for attribute in built.keys {
        let before = old.map { Self.values(attribute, $0) } ?? []
        let after = new.map { Self.values(attribute, $0) } ?? []
        guard before != after else { continue }
        for value in before { built[attribute]?.remove(Entry(value: value, place: place)) }
        for value in after { built[attribute]?.insert(Entry(value: value, place: place)) }
      }
    }
  }
}

/// Texts by their bytes, so that all that begin alike stand together.
enum ByteOrder {
  /// Below, at or above 0.
  static func compare(_ left: String, _ right: String) -> Int {
    if left.utf8.elementsEqual(right.utf8) { return 0 }
    return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
  }
}

extension RecordTable {
  /// The records that a filter's values or patterns find, sorted by id.
  func places(matching filter: Filter) -> SortedChunks<Place> {
    guard let index = indexes?.index(of: filter.name, in: self) else { return SortedChunks() }
    var found: [Place] = []
    for pattern in filter.values {
      for range in Self.ranges(of: pattern, in: index) { found += index[range].lazy.map(\.place) }
    }
    return SortedChunks(found)
  }

  func records(matching filter: Filter) -> [Record] { places(matching: filter).map { record(at: $0) } }

  /// How many there are at most; cheaper than looking at them.
  func count(matching filter: Filter) -> Int {
    guard let index = indexes?.index(of: filter.name, in: self) else { return 0 }
    return filter.values.reduce(0) { sum, pattern in
      sum + Self.span(of: pattern, in: index).count(in: index)
    }
  }

  /// Of several filters that must all match, what the narrowest leaves; nil without any.
  func places(matchingNarrowestOf filters: [Filter]) -> SortedChunks<Place>? {
    let counted = filters.map { (filter: $0, count: count(matching: $0)) }
    return counted.min { $0.count < $1.count }.map { places(matching: $0.filter) }
  }

  private typealias Index = SortedChunks<RecordIndexes<Record>.Entry>

  /// Everything that begins as a pattern does before its first wildcard; of a plain value, just its own.
  private static func span(of pattern: String, in index: Index) -> Range<Index.Index> {
    guard Filter.isPattern(pattern) else {
      return index.start {
        ByteOrder.compare($0.value, pattern) < 0
      }..<index.start { ByteOrder.compare($0.value, pattern) <= 0 }
    }
    let head = Array(pattern.utf8.prefix { !Filter.isWildcard($0) })
    let start = index.start { $0.value.utf8.lexicographicallyPrecedes(head) }
    let end = index.start { $0.value.utf8.lexicographicallyPrecedes(head) || $0.value.utf8.starts(with: head) }
    return start..<end
  }

  private static func ranges(of pattern: String, in index: Index) -> [Range<Index.Index>] {
    let span = span(of: pattern, in: index)
    guard Filter.isPattern(pattern) else { return [span] }
    var ranges: [Range<Index.Index>] = []
    var start = span.lowerBound
    while start < span.upperBound {
      let value = index[start].value
      let end = index.start { ByteOrder.compare($0.value, value) <= 0 }
      if Wildcard.matches(pattern, value) { ranges.append(start..<end) }
      start = end
    }
    return ranges
  }
}

extension Range {
  fileprivate func count<Element>(in list: SortedChunks<Element>) -> Int where Bound == SortedChunks<Element>.Index {
    list.distance(from: lowerBound, to: upperBound)
  }
}
