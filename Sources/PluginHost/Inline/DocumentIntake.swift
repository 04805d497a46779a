import CReevePlugin
import Governance

/// Takes documents from a plugin: copies first, checks the copy. All documents of one call share one storage.
///
/// What comes out keeps the invariants of `Document`, whatever went in.
struct DocumentIntake {
  static let depthLimit = 64

  private(set) var nodes: [Document.Node] = []
  private(set) var heap: [UInt8] = []

  /// A container that is not complete yet.
  private struct Open {
    var end: Int
    var left: UInt64
    var isObject: Bool
    var expectsName: Bool
  }

  /// The index of the document's root in the storage to come; nil for no document.
  mutating func take(
    _ document: reeve_document, _ what: @autoclosure () -> String, _ budget: inout OutputBudget
  ) throws(BadData) -> Int? {
    let count = Int(unsafe document.node_count)
    guard count > 0 else { return nil }
    guard let source = unsafe document.nodes else { throw BadData("\(what()) has \(count) nodes at NULL") }
    try budget.spend(nodes: count)
    let root = nodes.count
    var open: [Open] = []
    do throws(BadData) {
      for index in 0..<count {
        let node = unsafe UnsafeRawPointer(source + index).loadUnaligned(as: reeve_node.self)
        try place(node, index, count, &open)
        unsafe try append(node, document, index, &budget)
        if node.span > 1 {
          guard open.count < Self.depthLimit else {
            throw BadData("is nested more than \(Self.depthLimit) levels deep")
          }
          let isObject = node.kind == REEVE_NODE_OBJECT
          open.append(
            Open(end: index + Int(node.span), left: node.value, isObject: isObject, expectsName: isObject))
        }
        while let last = open.last, last.end == index + 1 {
          guard last.left == 0, last.expectsName == last.isObject else {
            throw BadData("node \(index) ends a container that says it has more children")
          }
          open.removeLast()
        }
      }
    } catch {
      throw BadData("\(what()) is no valid document: \(error.message)")
    }
    return root
  }

  /// Does the node fit where it stands?
  private func place(_ node: reeve_node, _ index: Int, _ count: Int, _ open: inout [Open]) throws(BadData) {
    let span = Int(node.span)
    guard span >= 1, span <= count - index else { throw BadData("node \(index) spans \(span) of \(count) nodes") }
    guard !open.isEmpty else {
      guard index == 0, span == count else { throw BadData("its root spans \(span) of \(count) nodes") }
      return
    }
    let parent = open.count - 1
    guard index + span <= open[parent].end else { throw BadData("node \(index) reaches beyond its container") }
    if open[parent].isObject, open[parent].expectsName {
      guard node.kind == REEVE_NODE_STRING else { throw BadData("node \(index) should be an entry's name") }
      open[parent].expectsName = false
    } else {
      guard open[parent].left > 0 else { throw BadData("node \(index) is one child more than its container says") }
      open[parent].left -= 1
      open[parent].expectsName = open[parent].isObject
    }
  }

  private mutating func append(
    _ node: reeve_node, _ document: reeve_document, _ index: Int, _ budget: inout OutputBudget
  ) throws(BadData) {
    guard let kind = Document.Kind(rawValue: node.kind) else { throw BadData("node \(index) has kind \(node.kind)") }
    var value = node.value
    switch kind {
    case .null: guard value == 0 else { throw BadData("node \(index) is null and has a value") }
    case .boolean: guard value <= 1 else { throw BadData("node \(index) is a boolean of value \(value)") }
    case .integer: break
    case .real:
      guard Double(bitPattern: value).isFinite else { throw BadData("node \(index) is not a finite number") }
    case .string: value = unsafe try text(value, document, index, &budget)
    case .array, .object:
      guard node.span > 1 || value == 0 else {
        throw BadData("node \(index) says it has \(value) children and has none")
      }
      nodes.append(Document.Node(kind: kind, span: node.span, value: value))
      return
    }
    guard node.span == 1 else { throw BadData("node \(index) is a scalar and spans \(node.span) nodes") }
    nodes.append(Document.Node(kind: kind, value: value))
  }

  /// Copies a string into the heap; returns its place there.
  private mutating func text(
    _ value: UInt64, _ document: reeve_document, _ index: Int, _ budget: inout OutputBudget
  ) throws(BadData) -> UInt64 {
    let offset = Int(value >> 32)
    let length = Int(value & 0xFFFF_FFFF)
    guard length > 0 else { return 0 }
    let size = unsafe document.heap_length
    guard UInt64(offset + length) <= size, let source = unsafe document.heap else {
      throw BadData("node \(index) is text at \(offset)+\(length) in a heap of \(size) bytes")
    }
    try budget.spend(bytes: length)
    let start = heap.count
    unsafe heap.append(contentsOf: UnsafeRawBufferPointer(start: source + offset, count: length))
    do {
      _ = try UTF8Span(validating: heap.span.extracting(start..<start + length))
    } catch {
      throw BadData("node \(index) is text that is not UTF-8")
    }
    return UInt64(start) << 32 | UInt64(length)
  }
}
