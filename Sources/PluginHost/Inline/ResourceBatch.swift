import CReevePlugin
import Governance

/// Resources as a plugin sees them. Strings and arrays are copied into an arena; documents are lent as they lie, since
/// their nodes have the contract's layout.
@safe final class ResourceBatch {
  private let arena: Arena
  /// Keeps the lent documents alive.
  private let resources: [Resource]
  private let items: UnsafeMutablePointer<reeve_resource>

  var span: reeve_span { unsafe arena.span(items, resources.count) }
  var count: Int { resources.count }

  init(_ resources: [Resource]) {
    self.resources = resources
    arena = Arena(firstBlock: max(4 << 10, resources.count * 320))
    unsafe items = unsafe arena.array(of: reeve_resource.self, resources.count)
    var repeated = RepeatedText(arena: arena)
    for (position, resource) in resources.enumerated() {
      unsafe (items + position).initialize(
        to: reeve_resource(
          struct_size: UInt32(MemoryLayout<reeve_resource>.size), reserved: 0, type: repeated.type(resource.type),
          id: arena.text(resource.id), arn: arena.text(resource.arn), account: repeated.account(resource.account),
          region: repeated.region(resource.region), tags: Self.tags(resource.tags, arena),
          attributes: Self.document(resource.attributes), notes: Self.notes(resource.notes, arena)))
    }
  }

  /// Most of a batch has one type, one account, one region: neighbours share the text.
  @safe private struct RepeatedText {
    let arena: Arena
    private var lastType = ("", unsafe reeve_string())
    private var lastAccount = ("", unsafe reeve_string())
    private var lastRegion = ("", unsafe reeve_string())

    init(arena: Arena) { self.arena = arena }

    mutating func type(_ text: String) -> reeve_string { unsafe shared(text, &lastType) }
    mutating func account(_ text: String) -> reeve_string { unsafe shared(text, &lastAccount) }
    mutating func region(_ text: String) -> reeve_string { unsafe shared(text, &lastRegion) }

    private func shared(_ text: String, _ last: inout (String, reeve_string)) -> reeve_string {
      if unsafe last.0 != text { unsafe last = unsafe (text, arena.text(text)) }
      return unsafe last.1
    }
  }

  private static func tags(_ tags: [Tag], _ arena: Arena) -> reeve_span {
    guard !tags.isEmpty else { return unsafe Arena.emptySpan(of: reeve_tag.self) }
    let items = unsafe arena.array(of: reeve_tag.self, tags.count)
    for (position, tag) in tags.enumerated() {
      unsafe (items + position).initialize(to: reeve_tag(key: arena.text(tag.key), value: arena.text(tag.value)))
    }
    return unsafe arena.span(items, tags.count)
  }

  private static func notes(_ notes: [AttributeNote], _ arena: Arena) -> reeve_span {
    guard !notes.isEmpty else { return unsafe Arena.emptySpan(of: reeve_attribute_note.self) }
    let items = unsafe arena.array(of: reeve_attribute_note.self, notes.count)
    for (position, note) in notes.enumerated() {
      unsafe (items + position).initialize(
        to: reeve_attribute_note(
          struct_size: UInt32(MemoryLayout<reeve_attribute_note>.size), status: note.unread?.kind.rawValue ?? REEVE_OK,
          name: arena.text(note.name), code: arena.text(note.unread?.code ?? ""),
          message: arena.text(note.unread?.message ?? ""), read_at: note.readAt?.nanoseconds ?? 0))
    }
    return unsafe arena.span(items, notes.count)
  }

  /// Lends a document. The caller keeps it alive for the length of the call.
  ///
  /// The addresses outlive the closures that give them: a storage's arrays are immutable and native, and whoever holds
  /// the document holds them.
  static func document(_ document: Document) -> reeve_document {
    let span = document.node.span
    let nodes = unsafe document.storage.nodes.withUnsafeBufferPointer { nodes in
      unsafe nodes.baseAddress.map { unsafe UnsafeRawPointer($0 + document.index) }
    }
    let heap = unsafe document.storage.heap.withUnsafeBufferPointer { heap in
      unsafe heap.baseAddress.map { unsafe UnsafeRawPointer($0) }
    }
    return unsafe reeve_document(
      nodes: nodes?.assumingMemoryBound(to: reeve_node.self), heap: heap?.assumingMemoryBound(to: CChar.self),
      heap_length: UInt64(document.storage.heap.count), node_count: span, reserved: 0)
  }
}
