import CReevePlugin

/// Memory for what is handed to a plugin in one call: pointers into it stay where they are until the arena goes.
@safe final class Arena {
  private var blocks: [UnsafeMutableRawPointer] = unsafe []
  private var free: UnsafeMutableRawPointer?
  private var left = 0
  private var nextBlock: Int

  init(firstBlock: Int = 4 << 10) { nextBlock = firstBlock }

  deinit {
    while let block = unsafe blocks.popLast() { unsafe block.deallocate() }
  }

  /// Room that is not initialized yet.
  func room(_ size: Int) -> UnsafeMutableRawPointer {
    let size = (size + 15) & ~15
    if left >= size, let start = unsafe free {
      unsafe free = unsafe start + size
      left -= size
      return unsafe start
    }
    let block = UnsafeMutableRawPointer.allocate(byteCount: max(size, nextBlock), alignment: 16)
    unsafe blocks.append(block)
    // Of two unfinished blocks the one with more room left is filled up first.
    if max(size, nextBlock) - size >= left {
      unsafe free = unsafe block + size
      left = max(size, nextBlock) - size
    }
    nextBlock = min(nextBlock * 2, 4 << 20)
    return unsafe block
  }

  func array<Element>(of type: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
    unsafe room(MemoryLayout<Element>.stride * max(count, 1)).bindMemory(to: Element.self, capacity: max(count, 1))
  }

  func text(_ text: String) -> reeve_string {
    var text = text
    return text.withUTF8 { bytes in
      guard let start = bytes.baseAddress, bytes.count > 0 else { return unsafe reeve_string() }
      let copy = unsafe room(bytes.count)
      unsafe copy.copyMemory(from: start, byteCount: bytes.count)
      return unsafe reeve_string(
        bytes: UnsafePointer(copy.assumingMemoryBound(to: CChar.self)), length: UInt64(bytes.count))
    }
  }

  func span<Element>(_ start: UnsafeMutablePointer<Element>, _ count: Int) -> reeve_span {
    guard count > 0 else { return unsafe Self.emptySpan(of: Element.self) }
    return unsafe reeve_span(items: start, count: UInt32(count), stride: UInt32(MemoryLayout<Element>.stride))
  }

  static func emptySpan<Element>(of type: Element.Type) -> reeve_span {
    unsafe reeve_span(items: nil, count: 0, stride: UInt32(MemoryLayout<Element>.stride))
  }
}
