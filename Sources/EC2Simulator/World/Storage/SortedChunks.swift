/// A sorted collection in pieces of bounded length: an insertion moves a piece and not the whole, and a copy that is
/// changed copies the list of pieces and one of them.
///
/// Invariants:
/// 1. No piece is empty, none is longer than `longest`.
/// 2. The elements ascend, over all pieces; each is there once.
package struct SortedChunks<Element: Comparable & Sendable>: Sendable {
  private var chunks: [[Element]] = []
  package private(set) var count = 0

  private static var longest: Int { 256 }

  package init() {}

  /// From elements in any order.
  package init(_ elements: some Sequence<Element>) {
    var chunk: [Element] = []
    for element in elements.sorted() where chunks.last?.last != element && chunk.last != element {
      chunk.append(element)
      count += 1
      if chunk.count == Self.longest {
        chunks.append(chunk)
        chunk = []
      }
    }
    if !chunk.isEmpty { chunks.append(chunk) }
  }

  /// False: it was there already, and what is there now is this one.
  @discardableResult
  package mutating func insert(_ element: Element) -> Bool {
    var place = start { $0 < element }
    if place.chunk < chunks.count, chunks[place.chunk][place.offset] == element {
      chunks[place.chunk][place.offset] = element
      return false
    }
    count += 1
    // Behind the end of a piece rather than before the start of the next.
    if place.offset == 0, place.chunk > 0 {
      place = Index(chunk: place.chunk - 1, offset: chunks[place.chunk - 1].count)
    }
    guard place.chunk < chunks.count else {
      chunks.append([element])
      return true
    }
    if chunks[place.chunk].count == Self.longest {
      // Ascending insertions fill their pieces; others leave room in both halves.
      if place.offset == Self.longest, place.chunk == chunks.count - 1 {
        chunks.append([element])
        return true
      }
      let half = Self.longest / 2
      chunks.insert(Array(chunks[place.chunk][half...]), at: place.chunk + 1)
      chunks[place.chunk].removeSubrange(half...)
      if place.offset > half { place = Index(chunk: place.chunk + 1, offset: place.offset - half) }
    }
    chunks[place.chunk].insert(element, at: place.offset)
    return true
  }

  package mutating func remove(_ element: Element) {
    let place = start { $0 < element }
    guard place.chunk < chunks.count, chunks[place.chunk][place.offset] == element else { return }
    count -= 1
    chunks[place.chunk].remove(at: place.offset)
    if chunks[place.chunk].isEmpty { chunks.remove(at: place.chunk) }
  }

  /// The first element that is not before what is looked for.
  package func start(where isBefore: (Element) -> Bool) -> Index {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(chunks[middle][chunks[middle].count - 1]) { low = middle + 1 } else { high = middle }
    }
    guard low < chunks.count else { return endIndex }
    let chunk = low
    high = chunks[chunk].count - 1
    low = 0
    while low < high {
      let middle = (low + high) / 2
      if isBefore(chunks[chunk][middle]) { low = middle + 1 } else { high = middle }
    }
    return Index(chunk: chunk, offset: low)
  }

  package func element(equalTo element: Element) -> Element? {
    let place = start { $0 < element }
    guard place.chunk < chunks.count, chunks[place.chunk][place.offset] == element else { return nil }
    return chunks[place.chunk][place.offset]
  }
}

extension SortedChunks: BidirectionalCollection {
  package struct Index: Comparable, Sendable {
    fileprivate var chunk: Int
    fileprivate var offset: Int

    package static func < (left: Index, right: Index) -> Bool {
      (left.chunk, left.offset) < (right.chunk, right.offset)
    }
  }

  package var startIndex: Index { Index(chunk: 0, offset: 0) }
  package var endIndex: Index { Index(chunk: chunks.count, offset: 0) }
  package var isEmpty: Bool { count == 0 }

  package subscript(index: Index) -> Element { chunks[index.chunk][index.offset] }

  package func index(after index: Index) -> Index {
    index.offset + 1 < chunks[index.chunk].count
      ? Index(chunk: index.chunk, offset: index.offset + 1) : Index(chunk: index.chunk + 1, offset: 0)
  }

  package func index(before index: Index) -> Index {
    index.offset > 0
      ? Index(chunk: index.chunk, offset: index.offset - 1)
      : Index(chunk: index.chunk - 1, offset: chunks[index.chunk - 1].count - 1)
  }

  /// By whole pieces, forwards.
  package func distance(from start: Index, to end: Index) -> Int {
    if start > end { return -distance(from: end, to: start) }
    return (start.chunk..<end.chunk).reduce(end.offset - start.offset) { $0 + chunks[$1].count }
  }
}

extension SortedChunks: Equatable {
  package static func == (left: SortedChunks, right: SortedChunks) -> Bool { left.elementsEqual(right) }
}
