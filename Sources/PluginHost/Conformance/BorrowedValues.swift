import CReevePlugin
import Governance
import Orchestrator

/// How large a host says its structs are.
enum HostLayout: String, Sendable, CaseIterable {
  /// As version 1.0 has them; what is lent ends where memory ends, so that whoever reads more of a struct faults.
  case first
  /// As a later host would: each struct and each array element is larger, and what is new is filled with nonsense.
  case newer

  fileprivate func growth(of size: Int) -> Int { self == .first ? 0 : size < 8 ? size : 24 }
}

/// Puts what a host lends into guarded memory, laid out as this or a later host would.
@safe struct BorrowedValues {
  let memory: GuardedMemory
  let layout: HostLayout

  func text(_ text: String) -> reeve_string {
    var text = text
    return text.withUTF8 { bytes in
      guard let start = bytes.baseAddress, bytes.count > 0 else { return unsafe reeve_string() }
      let copy = unsafe memory.room(bytes.count)
      unsafe copy.copyMemory(from: start, byteCount: bytes.count)
      return unsafe reeve_string(
        bytes: UnsafePointer(copy.assumingMemoryBound(to: CChar.self)), length: UInt64(bytes.count))
    }
  }

  /// An array of structs or of plain values; `sized`: they begin with their struct_size.
  func span<Item: BitwiseCopyable>(_ items: [Item], sized: Bool = true) -> reeve_span {
    let size = MemoryLayout<Item>.stride
    let stride = size + layout.growth(of: size)
    guard !items.isEmpty else { return unsafe reeve_span(items: nil, count: 0, stride: UInt32(stride)) }
    let start = unsafe memory.atEdge(items.count * stride)
    for (position, item) in items.enumerated() { unsafe place(item, at: start + position * stride, stride, sized) }
    return unsafe reeve_span(items: UnsafeRawPointer(start), count: UInt32(items.count), stride: UInt32(stride))
  }

  /// One struct.
  func one<Item: BitwiseCopyable>(_ item: Item) -> UnsafeMutablePointer<Item> {
    let size = MemoryLayout<Item>.stride + layout.growth(of: MemoryLayout<Item>.stride)
    let start = unsafe memory.atEdge(size)
    unsafe place(item, at: start, size, true)
    return unsafe start.assumingMemoryBound(to: Item.self)
  }

  private func place<Item: BitwiseCopyable>(
    _ item: Item, at start: UnsafeMutableRawPointer, _ size: Int, _ sized: Bool
  ) {
    for offset in MemoryLayout<Item>.stride..<size {
      unsafe start.storeBytes(of: 0xA5, toByteOffset: offset, as: UInt8.self)
    }
    unsafe withUnsafeBytes(of: item) { bytes in
      if let base = bytes.baseAddress { unsafe start.copyMemory(from: base, byteCount: bytes.count) }
    }
    if sized { unsafe start.storeBytes(of: UInt32(size), as: UInt32.self) }
  }

  func document(_ document: Document) -> reeve_document {
    let compact = document.compacted
    let nodes = compact.storage.nodes
    let heap = compact.storage.heap
    let nodeRoom = unsafe memory.room(nodes.count * MemoryLayout<Document.Node>.stride)
    unsafe nodes.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { unsafe nodeRoom.copyMemory(from: base, byteCount: bytes.count) }
    }
    let heapRoom = unsafe memory.room(max(heap.count, 1))
    unsafe heap.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { unsafe heapRoom.copyMemory(from: base, byteCount: bytes.count) }
    }
    return unsafe reeve_document(
      nodes: UnsafePointer(nodeRoom.assumingMemoryBound(to: reeve_node.self)),
      heap: UnsafePointer(heapRoom.assumingMemoryBound(to: CChar.self)), heap_length: UInt64(heap.count),
      node_count: UInt32(nodes.count), reserved: 0)
  }

  func resources(_ resources: [Resource]) -> reeve_span {
    unsafe span(resources.map { unsafe resource($0) })
  }

  private func resource(_ resource: Resource) -> reeve_resource {
    let tags = unsafe resource.tags.map { unsafe reeve_tag(key: text($0.key), value: text($0.value)) }
    let notes = unsafe resource.notes.map { note in
      unsafe reeve_attribute_note(
        struct_size: 0, status: note.unread?.kind.rawValue ?? REEVE_OK, name: text(note.name),
        code: text(note.unread?.code ?? ""), message: text(note.unread?.message ?? ""),
        read_at: note.readAt?.nanoseconds ?? 0)
    }
    return unsafe reeve_resource(
      struct_size: 0, reserved: 0, type: text(resource.type), id: text(resource.id), arn: text(resource.arn),
      account: text(resource.account), region: text(resource.region), tags: span(tags, sized: false),
      attributes: document(resource.attributes), notes: span(notes))
  }

  func findings(_ findings: [PlannableFinding]) -> reeve_span {
    let items = unsafe findings.map { finding in
      unsafe reeve_finding(
        struct_size: 0, resource: UInt32(finding.resource), check: text(finding.check), message: text(finding.message),
        evidence: document(finding.evidence))
    }
    return unsafe span(items)
  }

  func scope(_ setting: DiscoverySetting) -> UnsafeMutablePointer<reeve_scope> {
    let wanted = unsafe setting.wanted.map { wanted in
      unsafe reeve_wanted_attribute(resource_type: text(wanted.resourceType), name: text(wanted.attribute))
    }
    return unsafe one(
      reeve_scope(
        struct_size: 0, reserved: 0, account: text(setting.scope.account), region: text(setting.scope.region),
        partition: text(setting.partition.rawValue), wanted: span(wanted, sized: false)))
  }

  func responses(_ responses: [DiscoveryResponse], now: Timestamp) -> reeve_span {
    let items = unsafe responses.map { response in
      var item = unsafe reeve_response()
      unsafe item.request_id = response.request
      unsafe item.last_page = response.isLastPage ? 1 : 0
      unsafe item.read_at = now.nanoseconds
      switch response.outcome {
      case .success(let body): unsafe item.body = document(body)
      case .failure(let reason):
        unsafe item.status = reason.kind.rawValue
        unsafe item.error_code = text(reason.code)
        unsafe item.error_message = text(reason.message)
      }
      return unsafe item
    }
    return unsafe span(items)
  }

  func createArguments(_ configuration: Document) -> UnsafeMutablePointer<reeve_create_arguments> {
    let accounts = unsafe SampleResources.accounts.map { id in
      unsafe reeve_account(
        struct_size: 0, reserved: 0, id: text(id), name: text("account \(id)"), state: text("ACTIVE"),
        unit_path: text("o-sample1234/r-root/"))
    }
    let organization = unsafe one(
      reeve_organization(
        struct_size: 0, membership_known: 1, id: text("o-sample1234"),
        arn: text("arn:aws:organizations::\(SampleResources.accounts[0]):organization/o-sample1234"),
        management_account: text(SampleResources.accounts[0]), partition: text("aws"), accounts: span(accounts),
        units: span([reeve_organizational_unit]()), trusted: span([text("999988887777")], sized: false),
        membership_reason: reeve_string()))
    return unsafe one(
      reeve_create_arguments(
        struct_size: 0, reserved: 0, configuration: document(configuration), organization: UnsafePointer(organization)))
  }

  func call(_ call: reeve_call) -> UnsafeMutablePointer<reeve_call> { unsafe one(call) }
}
