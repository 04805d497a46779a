import CReevePlugin
import Governance
import Testing

@testable import PluginHost

@Suite struct LayoutTests {
  @Test("A document's nodes have the contract's layout, so they cross without being built again")
  func nodes() {
    #expect(MemoryLayout<Document.Node>.size == MemoryLayout<reeve_node>.size)
    #expect(MemoryLayout<Document.Node>.stride == MemoryLayout<reeve_node>.stride)
    #expect(MemoryLayout<Document.Node>.alignment == MemoryLayout<reeve_node>.alignment)
    #expect(MemoryLayout<Document.Node>.offset(of: \.kind) == MemoryLayout<reeve_node>.offset(of: \.kind))
    #expect(MemoryLayout<Document.Node>.offset(of: \.span) == MemoryLayout<reeve_node>.offset(of: \.span))
    #expect(MemoryLayout<Document.Node>.offset(of: \.value) == MemoryLayout<reeve_node>.offset(of: \.value))
  }

  @Test("The kinds of nodes and of failures have the contract's numbers")
  func numbers() {
    #expect(Document.Kind.null.rawValue == REEVE_NODE_NULL)
    #expect(Document.Kind.boolean.rawValue == REEVE_NODE_BOOLEAN)
    #expect(Document.Kind.integer.rawValue == REEVE_NODE_INTEGER)
    #expect(Document.Kind.real.rawValue == REEVE_NODE_REAL)
    #expect(Document.Kind.string.rawValue == REEVE_NODE_STRING)
    #expect(Document.Kind.array.rawValue == REEVE_NODE_ARRAY)
    #expect(Document.Kind.object.rawValue == REEVE_NODE_OBJECT)
    #expect(FailureReason.Kind.configuration.rawValue == REEVE_ERROR_CONFIGURATION)
    #expect(FailureReason.Kind.denied.rawValue == REEVE_ERROR_DENIED)
    #expect(FailureReason.Kind.throttled.rawValue == REEVE_ERROR_THROTTLED)
    #expect(FailureReason.Kind.cancelled.rawValue == REEVE_ERROR_CANCELLED)
    #expect(FailureReason.Kind.badData.rawValue == REEVE_ERROR_BAD_DATA)
    #expect(FailureReason.Kind.unsupported.rawValue == REEVE_ERROR_UNSUPPORTED)
    #expect(FailureReason.Kind.internal.rawValue == REEVE_ERROR_INTERNAL)
    #expect(FailureReason.Kind.timedOut.rawValue == REEVE_ERROR_TIMED_OUT)
    #expect(FailureReason.Kind.unreachable.rawValue == REEVE_ERROR_UNREACHABLE)
    #expect(FailureReason.Kind.rejected.rawValue == REEVE_ERROR_REJECTED)
  }

  @Test("A part of a document is lent as the slice that it is")
  func lentPart() throws {
    let whole: Document = ["a": [1, "two", ["b": nil ?? .null]], "c": true]
    let part = try #require(whole["a"])
    let lent = unsafe ResourceBatch.document(part)
    var intake = DocumentIntake()
    var budget = OutputBudget()
    let root = unsafe try intake.take(lent, "it", &budget)
    #expect(root == 0)
    #expect(Document(storage: .init(nodes: intake.nodes, heap: intake.heap)) == part)
    #expect(unsafe lent.node_count == part.node.span)
  }

  /// What an intake makes of an array of texts, each a place in a heap.
  private func taken(_ heap: String, _ texts: [Range<Int>]) throws -> [String?] {
    var nodes = [reeve_node(kind: REEVE_NODE_ARRAY, span: UInt32(texts.count + 1), value: UInt64(texts.count))]
    for text in texts {
      let value = UInt64(text.lowerBound) << 32 | UInt64(text.count)
      nodes.append(reeve_node(kind: REEVE_NODE_STRING, span: 1, value: value))
    }
    var intake = DocumentIntake()
    var budget = OutputBudget()
    var heap = heap
    try heap.withUTF8 { bytes in
      try unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
        try unsafe nodes.withUnsafeBufferPointer { nodes in
          let document = unsafe reeve_document(
            nodes: nodes.baseAddress, heap: bytes.baseAddress, heap_length: UInt64(bytes.count),
            node_count: UInt32(nodes.count), reserved: 0)
          // Twice: the second one's texts lie behind those of the first.
          for _ in 0..<2 { _ = unsafe try intake.take(document, "it", &budget) }
        }
      }
    }
    let storage = Document.Storage(nodes: intake.nodes, heap: intake.heap)
    let first = Document(storage: storage, index: 0).elements.map(\.string)
    #expect(Document(storage: storage, index: texts.count + 1).elements.map(\.string) == first)
    return first
  }

  @Test("Texts are taken wherever they lie: in order, in any order, over one another, empty, in other scripts")
  func texts() throws {
    #expect(try taken("abcdef", [0..<2, 2..<3, 3..<6]) == ["ab", "c", "def"])
    #expect(try taken("abcdef", [4..<6, 0..<2, 0..<2, 1..<5, 5..<5, 2..<3]) == ["ef", "ab", "ab", "bcde", "", "c"])
    #expect(try taken("aé😀b", [0..<1, 1..<3, 3..<7, 7..<8]) == ["a", "é", "😀", "b"])
    #expect(try taken("aé😀b", [3..<7, 0..<3]) == ["😀", "aé"])
  }

  @Test("A text that cuts a character is refused, also where its neighbour has the rest")
  func cutCharacter() {
    for texts in [[0..<2, 2..<3], [2..<3], [0..<1, 1..<2, 2..<8], [3..<5, 5..<7, 7..<8]] {
      #expect(throws: BadData.self) { try taken("aé😀b", texts) }
    }
  }
}
