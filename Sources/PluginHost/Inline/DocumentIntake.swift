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
    open.reserveCapacity(8)
    if nodes.capacity < root + count { nodes.reserveCapacity(max(root + count, nodes.capacity * 2)) }
    var run = TextRun(start: heap.count)
    do throws(BadData) {
      for index in 0..<count {
        let node = unsafe UnsafeRawPointer(source + index).loadUnaligned(as: reeve_node.self)
        try place(node, index, count, &open)
        unsafe try append(node, document, index, &run, &budget)
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
      unsafe try close(run, document, root)
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
    _ node: reeve_node, _ document: reeve_document, _ index: Int, _ run: inout TextRun, _ budget: inout OutputBudget
  ) throws(BadData) {
    guard let kind = Document.Kind(rawValue: node.kind) else { throw BadData("node \(index) has kind \(node.kind)") }
    var value = node.value
    switch kind {
    case .null: guard value == 0 else { throw BadData("node \(index) is null and has a value") }
    case .boolean: guard value <= 1 else { throw BadData("node \(index) is a boolean of value \(value)") }
    case .integer: break
    case .real:
      guard Double(bitPattern: value).isFinite else { throw BadData("node \(index) is not a finite number") }
    case .string: value = unsafe try text(value, document, index, &run, &budget)
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

  /// Texts that lie one after the other in the plugin's heap, as they nearly always do: copied and checked together.
  private struct TextRun {
    /// In this heap.
    var start: Int
    /// In the plugin's.
    var source = 0..<0
    /// The first node that has a text in it.
    var firstNode = 0
  }

  /// Takes a string up; returns the place that it will have in the heap.
  private mutating func text(
    _ value: UInt64, _ document: reeve_document, _ index: Int, _ run: inout TextRun, _ budget: inout OutputBudget
  ) throws(BadData) -> UInt64 {
    let offset = Int(value >> 32)
    let length = Int(value & 0xFFFF_FFFF)
    guard length > 0 else { return 0 }
    let size = unsafe document.heap_length
    guard UInt64(offset + length) <= size, unsafe document.heap != nil else {
      throw BadData("node \(index) is text at \(offset)+\(length) in a heap of \(size) bytes")
    }
    try budget.spend(bytes: length)
    if offset != run.source.upperBound {
      unsafe try close(run, document, nodes.count - index)
      run = TextRun(start: heap.count, source: offset..<offset, firstNode: index)
    }
    run.source = run.source.lowerBound..<offset + length
    return UInt64(run.start + offset - run.source.lowerBound) << 32 | UInt64(length)
  }

  /// Copies a run and checks the copy. ASCII all through is the usual case; else each text has to be UTF-8 by itself.
  private mutating func close(_ run: TextRun, _ document: reeve_document, _ root: Int) throws(BadData) {
    guard !run.source.isEmpty, let source = unsafe document.heap else { return }
    unsafe heap.append(
      contentsOf: UnsafeRawBufferPointer(start: source + run.source.lowerBound, count: run.source.count))
    let end = run.start + run.source.count
    if heap[run.start..<end].allSatisfy({ $0 < 0x80 }) { return }
    for index in run.firstNode..<nodes.count - root where nodes[root + index].kind == REEVE_NODE_STRING {
      let start = Int(nodes[root + index].value >> 32)
      let length = Int(nodes[root + index].value & 0xFFFF_FFFF)
      guard length > 0 else { continue }
      do {
        _ = try UTF8Span(validating: heap.span.extracting(start..<start + length))
      } catch {
        throw BadData("node \(index) is text that is not UTF-8")
      }
    }
  }
}
