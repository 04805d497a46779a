import CReevePlugin

/// Memory that lives for one hand-over: texts and arrays whose addresses stay put until it is released.
@safe final class Arena {
  /// Most calls hand over little; each further chunk is twice as large, up to 64 KiB.
  private var chunkSize = 2 << 10
  private var chunks: [UnsafeMutableRawBufferPointer] = unsafe []
  private var used = 0
  private var kept: [DocumentStorage] = []

  deinit { for index in unsafe chunks.indices { unsafe chunks[index].deallocate() } }

  func string(_ text: String) -> reeve_string {
    var text = text
    return text.withUTF8 { bytes in
      guard bytes.count > 0 else { return unsafe reeve_string(bytes: nil, length: 0) }
      let memory = unsafe allocate(bytes.count, alignment: 1)
      unsafe memory.copyMemory(from: UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped), byteCount: bytes.count)
      return unsafe reeve_string(
        bytes: UnsafePointer(memory.assumingMemoryBound(to: CChar.self)), length: UInt64(bytes.count))
    }
  }

  /// The document itself is handed over; it is kept alive, not copied.
  func document(_ document: Document?) -> reeve_document {
    guard let document else { return unsafe reeve_document() }
    kept.append(document.storage)
    return unsafe document.storage.raw(document.root)
  }

  func span<Element>(_ elements: [Element]) -> reeve_span {
    guard !elements.isEmpty else { return unsafe reeve_span() }
    let stride = MemoryLayout<Element>.stride
    let memory = unsafe allocate(elements.count * stride, alignment: MemoryLayout<Element>.alignment)
    unsafe memory.bindMemory(to: Element.self, capacity: elements.count)
      .initialize(from: elements, count: elements.count)
    return unsafe reeve_span(items: UnsafeRawPointer(memory), count: UInt32(elements.count), stride: UInt32(stride))
  }

  private func allocate(_ size: Int, alignment: Int) -> UnsafeMutableRawPointer {
    let start = (used + alignment - 1) / alignment * alignment
    if let chunk = unsafe chunks.last, start + size <= chunk.count, let base = chunk.baseAddress {
      used = start + size
      return unsafe base + start
    }
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, chunkSize), alignment: 16)
    chunkSize = min(chunkSize * 2, 64 << 10)
    unsafe chunks.append(chunk)
    used = size
    guard let base = chunk.baseAddress else { preconditionFailure("a chunk has at least one byte") }
    return unsafe base
  }
}
