import CReevePlugin

/// A borrowed value tree: a view of the host's memory, valid only during the call that handed it over. Take `copy()`
/// when it has to outlive the call.
///
/// Reading makes no copies and no `String`. A tree whose spans or texts point outside of what the host handed over stops
/// the plugin rather than being read: the host then says so, and nothing passes unlooked at.
@safe public struct DocumentView {
  /// This subtree's root.
  let nodes: UnsafePointer<reeve_node>
  /// Nodes of this subtree, the root included.
  let span: Int
  let heap: UnsafeRawPointer?
  let heapLength: Int

  public enum Kind: Sendable { case null, boolean, integer, real, string, array, object }

  /// nil when there is no document.
  init?(_ raw: reeve_document) {
    guard let first = unsafe raw.nodes, unsafe raw.node_count > 0 else { return nil }
    unsafe self.init(
      nodes: first, limit: Int(raw.node_count), heap: raw.heap.map { unsafe UnsafeRawPointer($0) },
      heapLength: Int(raw.heap_length))
  }

  init(nodes: UnsafePointer<reeve_node>, limit: Int, heap: UnsafeRawPointer?, heapLength: Int) {
    let span = unsafe Int(nodes.pointee.span)
    precondition(span >= 1 && span <= limit, "a document's node spans more than its parent")
    unsafe self.nodes = unsafe nodes
    self.span = span
    unsafe self.heap = unsafe heap
    self.heapLength = heapLength
  }

  var root: reeve_node { unsafe nodes.pointee }

  public var kind: Kind {
    switch root.kind {
    case REEVE_NODE_BOOLEAN: .boolean
    case REEVE_NODE_INTEGER: .integer
    case REEVE_NODE_REAL: .real
    case REEVE_NODE_STRING: .string
    case REEVE_NODE_ARRAY: .array
    case REEVE_NODE_OBJECT: .object
    default: .null
    }
  }

  public var isNull: Bool { kind == .null }
  public var boolean: Bool? { root.kind == REEVE_NODE_BOOLEAN ? root.value != 0 : nil }
  public var integer: Int64? { root.kind == REEVE_NODE_INTEGER ? Int64(bitPattern: root.value) : nil }
  /// A real, or an integer as one.
  public var real: Double? {
    root.kind == REEVE_NODE_REAL ? Double(bitPattern: root.value) : integer.map { Double($0) }
  }
  /// A string's borrowed text.
  public var text: Text? { root.kind == REEVE_NODE_STRING ? text(at: 0) : nil }
  /// A string's copy.
  public var string: String? { text?.string }
  /// Elements of an array or entries of an object.
  public var count: Int { kind == .array || kind == .object ? Int(root.value) : 0 }

  /// An object's entry.
  public subscript(name: StaticString) -> DocumentView? {
    name.withUTF8Buffer { unsafe member(UnsafeRawBufferPointer($0)) }
  }

  @_disfavoredOverload
  public subscript(name: String) -> DocumentView? {
    var name = name
    return name.withUTF8 { unsafe member(UnsafeRawBufferPointer($0)) }
  }

  /// What lies at a path of entry names and array indexes joined by dots: `Images.0.Public`.
  public func at(_ path: StaticString) -> DocumentView? {
    path.withUTF8Buffer { unsafe at(UnsafeRawBufferPointer($0)) }
  }

  /// The elements of an array; none for anything else.
  public var elements: DocumentElements { DocumentElements(self) }
  /// The entries of an object in order; none for anything else.
  public var entries: DocumentEntries { DocumentEntries(self) }

  /// A copy that may outlive the call.
  public func copy() -> Document { Document(copying: self) }

  func child(_ index: Int) -> DocumentView {
    precondition(index < span, "a document's child lies outside of its parent")
    return unsafe DocumentView(nodes: nodes + index, limit: span - index, heap: heap, heapLength: heapLength)
  }

  /// The text of the string node at `index`; a name is one, too.
  func text(at index: Int) -> Text {
    precondition(index < span, "a document's text lies outside of its parent")
    let value = unsafe nodes[index].value
    let offset = Int(value >> 32)
    let length = Int(value & 0xFFFF_FFFF)
    guard length > 0, let heap = unsafe heap else { return unsafe Text(start: nil, count: 0) }
    precondition(offset + length <= heapLength, "a document's text lies outside of its heap")
    return unsafe Text(start: heap + offset, count: length)
  }

  func member(_ name: UnsafeRawBufferPointer) -> DocumentView? {
    guard root.kind == REEVE_NODE_OBJECT else { return nil }
    var index = 1
    for _ in 0..<root.value {
      if unsafe text(at: index).equals(name) { return child(index + 1) }
      precondition(index + 1 < span, "a document's entry lies outside of its parent")
      let valueSpan = unsafe Int(nodes[index + 1].span)
      precondition(valueSpan >= 1, "a document's node spans nothing")
      index += 1 + valueSpan
    }
    return nil
  }

  /// The nodes of each entry of that name, the name among them.
  func entries(named name: String) -> [Range<Int>] {
    guard root.kind == REEVE_NODE_OBJECT else { return [] }
    var name = name
    return name.withUTF8 { bytes in
      var found: [Range<Int>] = []
      var index = 1
      for _ in 0..<root.value {
        let end = index + 1 + child(index + 1).span
        if unsafe text(at: index).equals(UnsafeRawBufferPointer(bytes)) { found.append(index..<end) }
        index = end
      }
      return found
    }
  }

  func element(_ position: Int) -> DocumentView? {
    guard root.kind == REEVE_NODE_ARRAY, position < count else { return nil }
    var index = 1
    for _ in 0..<position { index += child(index).span }
    return child(index)
  }

  func at(_ path: UnsafeRawBufferPointer) -> DocumentView? {
    var here: DocumentView? = self
    var rest = unsafe path
    while let node = here {
      let length = unsafe rest.firstIndex(of: UInt8(ascii: ".")) ?? rest.count
      let name = unsafe UnsafeRawBufferPointer(rebasing: rest[..<length])
      here = unsafe node.kind == .array ? position(name).flatMap { node.element($0) } : node.member(name)
      guard length < rest.count else { break }
      unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
    }
    return here
  }

  private func position(_ digits: UnsafeRawBufferPointer) -> Int? {
    unsafe Int(String(decoding: digits, as: UTF8.self)).flatMap { $0 >= 0 ? $0 : nil }
  }
}

public struct DocumentElements: Sequence, IteratorProtocol {
  private let array: DocumentView
  private var left: Int
  private var index = 1

  init(_ array: DocumentView) {
    self.array = array
    left = array.kind == .array ? array.count : 0
  }

  public mutating func next() -> DocumentView? {
    guard left > 0 else { return nil }
    left -= 1
    let element = array.child(index)
    index += element.span
    return element
  }
}

public struct DocumentEntries: Sequence, IteratorProtocol {
  private let object: DocumentView
  private var left: Int
  private var index = 1

  init(_ object: DocumentView) {
    self.object = object
    left = object.kind == .object ? object.count : 0
  }

  public mutating func next() -> (name: Text, value: DocumentView)? {
    guard left > 0 else { return nil }
    left -= 1
    let name = object.text(at: index)
    let value = object.child(index + 1)
    index += 1 + value.span
    return (name, value)
  }
}
