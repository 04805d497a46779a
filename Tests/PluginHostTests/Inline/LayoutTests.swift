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
}
