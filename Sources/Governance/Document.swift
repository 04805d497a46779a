import Glibc

/// A value tree laid out flat: attributes, parameters, responses, evidence.
///
/// Invariants:
/// 1. A node is followed by its children; `span` counts the nodes of its subtree, itself included, and is never 0.
/// 2. An object's entries are a string node (the name) followed by the value's subtree, in the order they were added.
/// 3. A string's `value` is its byte offset in the heap << 32 | its length in bytes; the bytes are valid UTF-8.
///
/// The node layout is that of `reeve_node` in the plugin contract, so a document crosses that boundary without being
/// built again. Any node is a document of its own: a `Document` is a storage and the index of its root in it.
package struct Document: Sendable {
  package struct Node: Sendable {
    package var kind: UInt32
    package var span: UInt32
    package var value: UInt64

    @inlinable package init(kind: Kind, span: UInt32 = 1, value: UInt64 = 0) {
      self.kind = kind.rawValue
      self.span = span
      self.value = value
    }
  }

  package enum Kind: UInt32, Sendable {
    case null = 0
    case boolean, integer, real, string, array, object
  }

  package final class Storage: Sendable {
    package let nodes: [Node]
    package let heap: [UInt8]

    @inlinable package init(nodes: [Node], heap: [UInt8]) {
      self.nodes = nodes
      self.heap = heap
    }
  }

  package let storage: Storage
  package let index: Int

  /// The document whose root is node `index` of `storage`. The caller answers for the invariants.
  @inlinable package init(storage: Storage, index: Int = 0) {
    self.storage = storage
    self.index = index
  }

  package static let null = Document(storage: Storage(nodes: [Node(kind: .null)], heap: []))
  package static let emptyObject = Document(storage: Storage(nodes: [Node(kind: .object)], heap: []))

  @inlinable package var node: Node { storage.nodes[index] }
  @inlinable package var kind: Kind { Kind(rawValue: node.kind) ?? .null }
  @inlinable package var isNull: Bool { node.kind == Kind.null.rawValue }

  package var bool: Bool? { kind == .boolean ? node.value != 0 : nil }
  package var int: Int? { kind == .integer ? Int(Int64(bitPattern: node.value)) : nil }
  package var real: Double? {
    switch kind {
    case .real: Double(bitPattern: node.value)
    case .integer: Double(Int64(bitPattern: node.value))
    default: nil
    }
  }
  package var string: String? { kind == .string ? String(decoding: utf8, as: UTF8.self) : nil }

  /// The bytes of a string; empty for any other kind.
  @inlinable package var utf8: ArraySlice<UInt8> {
    guard kind == .string else { return [] }
    let start = Int(node.value >> 32)
    return storage.heap[start..<start + Int(node.value & 0xFFFF_FFFF)]
  }

  /// How many elements or entries; 0 for a scalar.
  @inlinable package var count: Int {
    kind == .array || kind == .object ? Int(node.value) : 0
  }

  /// The elements of an array; empty for any other kind.
  package var elements: [Document] {
    guard kind == .array else { return [] }
    var child = index + 1
    return (0..<count).map { _ in
      defer { child += Int(storage.nodes[child].span) }
      return Document(storage: storage, index: child)
    }
  }

  /// The entries of an object in their order; empty for any other kind.
  package var entries: [(name: String, value: Document)] {
    #if DEBUG
      DocumentReads.current?.noteEntries(of: self)
    #endif
    guard kind == .object else { return [] }
    var child = index + 1
    return (0..<count).map { _ in
      let name = Document(storage: storage, index: child)
      let value = Document(storage: storage, index: child + 1)
      child += 1 + Int(value.node.span)
      return (name.string ?? "", value)
    }
  }

  /// An object's entry.
  package subscript(name: String) -> Document? {
    #if DEBUG
      DocumentReads.current?.note(name, of: self)
    #endif
    var name = name
    return name.withUTF8 { unsafe member($0) }
  }

  /// An object's entry, by a string of another document.
  package subscript(name: Document) -> Document? {
    unsafe name.storage.heap.withUnsafeBufferPointer { heap in
      let start = Int(name.node.value >> 32)
      return unsafe member(UnsafeBufferPointer(rebasing: heap[start..<start + Int(name.node.value & 0xFFFF_FFFF)]))
    }
  }

  private func member(_ name: UnsafeBufferPointer<UInt8>) -> Document? {
    guard kind == .object else { return nil }
    let found = unsafe storage.nodes.withUnsafeBufferPointer { nodes in
      unsafe storage.heap.withUnsafeBufferPointer { heap -> Int? in
        var child = index + 1
        for _ in 0..<count {
          let text = unsafe nodes[child].value
          if Int(text & 0xFFFF_FFFF) == name.count {
            let start = Int(text >> 32)
            let entry = unsafe UnsafeBufferPointer(rebasing: heap[start..<start + name.count])
            if unsafe Self.equal(entry, name) { return child + 1 }
          }
          child += 1 + Int(unsafe nodes[child + 1].span)
        }
        return nil
      }
    }
    return found.map { Document(storage: storage, index: $0) }
  }

  private static func equal(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = left.baseAddress, let second = right.baseAddress else { return left.count == right.count }
    return unsafe left.count == right.count && memcmp(first, second, left.count) == 0
  }

  /// Calls `body` with the name, a string, and the value of each entry of an object, in their order.
  package func forEachEntry(_ body: (_ name: Document, _ value: Document) -> Void) {
    #if DEBUG
      DocumentReads.current?.noteEntries(of: self)
    #endif
    guard kind == .object else { return }
    var child = index + 1
    for _ in 0..<count {
      let value = Document(storage: storage, index: child + 1)
      body(Document(storage: storage, index: child), value)
      child += 1 + Int(value.node.span)
    }
  }

  /// An array's element.
  package subscript(position: Int) -> Document? {
    guard kind == .array, position >= 0, position < count else { return nil }
    var child = index + 1
    for _ in 0..<position { child += Int(storage.nodes[child].span) }
    return Document(storage: storage, index: child)
  }

  /// What stands at a path of member names and array indexes joined by dots, as in `Images.0.Public`.
  package func at(path: String) -> Document? {
    var place = self
    for step in path.split(separator: ".") {
      guard let next = place[String(step)] ?? Int(step).flatMap({ place[$0] }) else { return nil }
      place = next
    }
    return place
  }

  /// Tells two values apart that should be equal; equal only for documents that were built alike. Not for storing: no
  /// cryptographic digest.
  package var quickDigest: UInt64 {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    func mix(_ value: UInt64) {
      let product = (hash ^ value).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
      hash = product.high ^ product.low
    }
    unsafe storage.nodes.withUnsafeBufferPointer { nodes in
      unsafe storage.heap.withUnsafeBytes { heap in
        for position in index..<index + Int(unsafe nodes[index].span) {
          let node = unsafe nodes[position]
          mix(UInt64(node.kind) << 32 | UInt64(node.span))
          guard node.kind == Kind.string.rawValue else {
            mix(node.value)
            continue
          }
          let count = Int(node.value & 0xFFFF_FFFF)
          var place = Int(node.value >> 32)
          let end = place + count
          while place + 8 <= end {
            mix(UInt64(littleEndian: unsafe heap.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            place += 8
          }
          var word: UInt64 = 0
          while place < end {
            word = word << 8 | UInt64(unsafe heap[place])
            place += 1
          }
          mix(word ^ UInt64(count) << 56)
        }
      }
    }
    return hash
  }

  /// A copy that holds nothing but this subtree.
  package var compacted: Document {
    #if DEBUG
      DocumentReads.current?.noteAll(of: self)
    #endif
    var builder = DocumentBuilder()
    builder.append(self)
    return builder.finish()
  }

  /// An object with `value` under `name`, at the end or where `name` stood.
  package func setting(_ name: String, to value: Document?) -> Document {
    var builder = DocumentBuilder()
    builder.beginObject()
    var placed = false
    for entry in entries {
      if entry.name == name {
        placed = true
        if let value { builder.entry(name, value) }
      } else {
        builder.entry(entry.name, entry.value)
      }
    }
    if !placed, let value { builder.entry(name, value) }
    builder.end()
    return builder.finish()
  }

  /// Does every entry of `part` stand in this object with an equal value?
  package func includes(_ part: Document) -> Bool {
    guard part.kind == .object else { return self == part }
    return part.entries.allSatisfy { entry in self[entry.name].map { $0 == entry.value } ?? false }
  }
}

/// Equal as values: the order of an object's entries does not count, integers and reals of one value are equal.
extension Document: Equatable {
  package static func == (left: Document, right: Document) -> Bool {
    switch (left.kind, right.kind) {
    case (.null, .null): return true
    case (.boolean, .boolean): return left.node.value == right.node.value
    case (.integer, .integer): return left.node.value == right.node.value
    case (.integer, .real), (.real, .integer), (.real, .real): return left.real == right.real
    case (.string, .string): return left.utf8 == right.utf8
    case (.array, .array):
      return left.count == right.count && zip(left.elements, right.elements).allSatisfy { $0 == $1 }
    case (.object, .object):
      return left.count == right.count
        && left.entries.allSatisfy { entry in right[entry.name].map { $0 == entry.value } ?? false }
    default: return false
    }
  }
}

extension Document: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self.init(value) }
  package init(booleanLiteral value: Bool) { self.init(value) }
  package init(integerLiteral value: Int) { self.init(value) }
  package init(floatLiteral value: Double) {
    var builder = DocumentBuilder()
    builder.real(value)
    self = builder.finish()
  }
  package init(arrayLiteral elements: Document...) { self.init(elements) }
  package init(dictionaryLiteral elements: (String, Document)...) {
    self.init(entries: elements.map { (name: $0.0, value: $0.1) })
  }

  package init(_ value: String) {
    let heap = Array(value.utf8)
    self.init(storage: Storage(nodes: [Node(kind: .string, value: UInt64(heap.count))], heap: heap))
  }
  package init(_ value: Bool) {
    self.init(storage: Storage(nodes: [Node(kind: .boolean, value: value ? 1 : 0)], heap: []))
  }
  package init(_ value: Int) {
    self.init(storage: Storage(nodes: [Node(kind: .integer, value: UInt64(bitPattern: Int64(value)))], heap: []))
  }
  package init(_ elements: [Document]) {
    var builder = DocumentBuilder()
    builder.beginArray()
    for element in elements { builder.append(element) }
    builder.end()
    self = builder.finish()
  }
  /// An object; entries whose value is nil are left out.
  package init(entries: [(name: String, value: Document?)]) {
    var builder = DocumentBuilder()
    builder.beginObject()
    for entry in entries {
      if let value = entry.value { builder.entry(entry.name, value) }
    }
    builder.end()
    self = builder.finish()
  }
  package init(strings: [String]) { self.init(strings.map { Document($0) }) }
}

/// Builds a document front to back.
package struct DocumentBuilder: ~Copyable {
  @usableFromInline var nodes: [Document.Node] = []
  @usableFromInline var heap: [UInt8] = []
  @usableFromInline var open: [Int] = []

  /// Most documents are small: what is there at first saves them growing.
  @inlinable package init() {
    nodes.reserveCapacity(8)
    heap.reserveCapacity(64)
  }

  /// With room for so many nodes and bytes of text: what is kept is no larger than what is in it.
  @inlinable package init(nodes nodeCount: Int, bytes byteCount: Int) {
    nodes.reserveCapacity(nodeCount)
    heap.reserveCapacity(byteCount)
    open.reserveCapacity(4)
  }

  @inlinable package var isEmpty: Bool { nodes.isEmpty }

  @inlinable mutating func add(_ node: Document.Node) {
    if let parent = open.last, nodes[parent].kind == Document.Kind.array.rawValue { nodes[parent].value += 1 }
    nodes.append(node)
  }

  @inlinable package mutating func null() { add(.init(kind: .null)) }
  @inlinable package mutating func bool(_ value: Bool) { add(.init(kind: .boolean, value: value ? 1 : 0)) }
  @inlinable package mutating func integer(_ value: Int) {
    add(.init(kind: .integer, value: UInt64(bitPattern: Int64(value))))
  }
  @inlinable package mutating func real(_ value: Double) { add(.init(kind: .real, value: value.bitPattern)) }
  @inlinable package mutating func string(_ value: some StringProtocol) { add(text(value.utf8)) }
  // The same, spelled out for the types that every answer is made of: across modules a generic one is not specialized.
  package mutating func string(_ value: String) { add(text(of: value)) }
  package mutating func string(utf8 bytes: UnsafeBufferPointer<UInt8>) { unsafe add(text(copying: bytes)) }
  /// The caller answers for valid UTF-8.
  @inlinable package mutating func string(utf8 bytes: some Collection<UInt8>) { add(text(bytes)) }

  @inlinable mutating func text(_ bytes: some Collection<UInt8>) -> Document.Node {
    let start = heap.count
    heap.append(contentsOf: bytes)
    return .init(kind: .string, value: UInt64(start) << 32 | UInt64(heap.count - start))
  }

  private mutating func text(of value: String) -> Document.Node {
    var value = value
    return value.withUTF8 { unsafe text(copying: $0) }
  }

  private mutating func text(copying bytes: UnsafeBufferPointer<UInt8>) -> Document.Node {
    let start = heap.count
    unsafe heap.append(contentsOf: bytes)
    return .init(kind: .string, value: UInt64(start) << 32 | UInt64(heap.count - start))
  }

  @inlinable package mutating func beginArray() {
    add(.init(kind: .array))
    open.append(nodes.count - 1)
  }
  @inlinable package mutating func beginObject() {
    add(.init(kind: .object))
    open.append(nodes.count - 1)
  }
  /// The name of the next entry; a value must follow.
  @inlinable package mutating func name(_ name: some StringProtocol) {
    if let parent = open.last { nodes[parent].value += 1 }
    nodes.append(text(name.utf8))
  }
  package mutating func name(_ name: String) {
    if let parent = open.last { nodes[parent].value += 1 }
    nodes.append(text(of: name))
  }
  @inlinable package mutating func end() {
    guard let start = open.popLast() else { return }
    nodes[start].span = UInt32(nodes.count - start)
  }

  package mutating func entry(_ name: String, _ value: Document) {
    self.name(name)
    append(value)
  }
  package mutating func entry(_ name: String, _ value: String) {
    self.name(name)
    string(value)
  }
  package mutating func entry(_ name: String, _ value: Bool) {
    self.name(name)
    bool(value)
  }
  package mutating func entry(_ name: String, _ value: Int) {
    self.name(name)
    integer(value)
  }

  /// A copy of another document's subtree.
  package mutating func append(_ document: Document) {
    let first = document.index
    let last = first + Int(document.node.span)
    var copied = nodes.count
    add(document.node)
    unsafe document.storage.nodes.withUnsafeBufferPointer { source in
      unsafe nodes.append(contentsOf: UnsafeBufferPointer(rebasing: source[first + 1..<last]))
    }
    // Strings that lie one after the other, as they nearly always do, are copied together.
    unsafe document.storage.heap.withUnsafeBufferPointer { source in
      var run = 0..<0
      var begin = heap.count
      while copied < nodes.count {
        if nodes[copied].kind == Document.Kind.string.rawValue {
          let start = Int(nodes[copied].value >> 32)
          let length = Int(nodes[copied].value & 0xFFFF_FFFF)
          if start != run.upperBound {
            unsafe heap.append(contentsOf: UnsafeBufferPointer(rebasing: source[run]))
            run = start..<start
            begin = heap.count
          }
          run = run.lowerBound..<start + length
          nodes[copied].value = UInt64(begin + start - run.lowerBound) << 32 | UInt64(length)
        }
        copied += 1
      }
      unsafe heap.append(contentsOf: UnsafeBufferPointer(rebasing: source[run]))
    }
  }

  @inlinable package consuming func finish() -> Document {
    while !open.isEmpty { end() }
    if nodes.isEmpty { nodes.append(.init(kind: .null)) }
    return Document(storage: .init(nodes: nodes, heap: heap))
  }
}
