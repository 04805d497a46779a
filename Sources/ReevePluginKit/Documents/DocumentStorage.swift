import CReevePlugin

/// The memory behind documents that a plugin owns: nodes and texts laid out as the contract wants them, so that they
/// cross the boundary as they are. Immutable once made.
@safe final class DocumentStorage: @unchecked Sendable {
  private let nodes: UnsafeMutableBufferPointer<reeve_node>
  private let heap: UnsafeMutableBufferPointer<UInt8>

  init(nodes: [reeve_node], heap: [UInt8]) {
    unsafe self.nodes = .allocate(capacity: nodes.count)
    unsafe self.heap = .allocate(capacity: heap.count)
    _ = unsafe self.nodes.initialize(from: nodes)
    _ = unsafe self.heap.initialize(from: heap)
  }

  /// Copies one subtree and only the texts that it uses: the host's heap may be that of a whole batch.
  convenience init(copying view: DocumentView) {
    var writer = DocumentWriter(nodes: view.span, heap: 0)
    writer.append(view)
    self.init(nodes: writer.nodes, heap: writer.heap)
  }

  deinit {
    unsafe nodes.deallocate()
    unsafe heap.deallocate()
  }

  /// Valid while this object lives.
  func view(_ root: Int) -> DocumentView {
    guard let first = unsafe nodes.baseAddress else { preconditionFailure("a document has at least one node") }
    return unsafe DocumentView(
      nodes: first + root, limit: nodes.count - root, heap: UnsafeRawPointer(heap.baseAddress),
      heapLength: heap.count)
  }

  /// Valid while this object lives.
  func raw(_ root: Int) -> reeve_document {
    let view = view(root)
    return unsafe reeve_document(
      nodes: view.nodes, heap: view.heap?.assumingMemoryBound(to: CChar.self), heap_length: UInt64(view.heapLength),
      node_count: UInt32(view.span), reserved: 0)
  }

  /// Position of a view of this storage.
  func position(of view: DocumentView) -> Int {
    guard let first = unsafe nodes.baseAddress else { preconditionFailure("a document has at least one node") }
    return unsafe UnsafePointer(view.nodes) - UnsafePointer(first)
  }
}

/// Lays a document out.
struct DocumentWriter {
  private(set) var nodes: [reeve_node] = []
  private(set) var heap: [UInt8] = []

  /// For so many nodes and so many bytes of text at first.
  init(nodes: Int = 8, heap: Int = 64) {
    self.nodes.reserveCapacity(nodes)
    self.heap.reserveCapacity(heap)
  }

  mutating func scalar(_ kind: UInt32, _ value: UInt64 = 0) {
    nodes.append(reeve_node(kind: kind, span: 1, value: value))
  }

  mutating func string(_ text: some Sequence<UInt8>) {
    let offset = heap.count
    heap.append(contentsOf: text)
    scalar(REEVE_NODE_STRING, UInt64(offset) << 32 | UInt64(heap.count - offset))
  }

  /// An array or object of `count` children, which `content` writes.
  mutating func container(_ kind: UInt32, count: Int, _ content: (inout DocumentWriter) -> Void) {
    let start = nodes.count
    scalar(kind, UInt64(count))
    content(&self)
    nodes[start].span = UInt32(nodes.count - start)
  }

  mutating func append(_ document: Document) { document.read { append($0) } }

  mutating func append(_ view: DocumentView) {
    append(view, 0..<view.span)
  }

  /// Copies some of a view's nodes. Texts that lie one after the other, as they nearly always do, are copied together.
  mutating func append(_ view: DocumentView, _ part: Range<Int>) {
    let first = nodes.count
    unsafe nodes.append(contentsOf: UnsafeBufferPointer(start: view.nodes + part.lowerBound, count: part.count))
    var run: Text?
    for index in part where nodes[first + index - part.lowerBound].kind == REEVE_NODE_STRING {
      let text = view.text(at: index)
      guard text.count > 0 else { continue }
      if let before = run, unsafe before.start.map({ unsafe $0 + before.count }) == text.start {
        run = unsafe Text(start: before.start, count: before.count + text.count)
      } else {
        if let run { unsafe heap.append(contentsOf: run.bytes) }
        run = text
      }
      // Where the run will lie, and the text in it.
      let end = heap.count + (run?.count ?? 0)
      nodes[first + index - part.lowerBound].value = UInt64(end - text.count) << 32 | UInt64(text.count)
    }
    if let run { unsafe heap.append(contentsOf: run.bytes) }
  }

  func finish() -> Document { Document(storage: DocumentStorage(nodes: nodes, heap: heap), root: 0) }
}
