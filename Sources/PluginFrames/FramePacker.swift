package import CReevePlugin

/// Writes a frame: header, then the structs of the contract with what they borrow. Addresses become offsets from the
/// frame's beginning.
///
/// 1. Everything is written in the order in which `FrameUnpacker` reads it: an array, then what its first element
///    borrows, then its second's.
/// 2. 0 stands for NULL: nothing lies at the beginning but the header.
@safe package struct FramePacker: ~Copyable {
  /// May grow, and move: nothing keeps an address into it.
  @usableFromInline var memory: UnsafeMutableRawPointer
  @usableFromInline var capacity: Int
  package private(set) var count: Int
  /// More was to be written than a frame may have. Nothing is written from then on.
  package private(set) var overflowed = false
  /// Documents that have one heap share it in the frame as well. Only towards the host process: who unpacks such a
  /// frame has to believe it.
  private let sharesHeaps: Bool
  private var heaps: [UInt: (length: Int, offset: Int)] = [:]
  private var lastHeap: (address: UInt, length: Int, offset: Int) = (0, 0, 0)

  package init(sharingHeaps: Bool, capacity: Int = 64 << 10) {
    self.capacity = capacity
    unsafe memory = .allocate(byteCount: capacity, alignment: 16)
    sharesHeaps = sharingHeaps
    count = FrameHeader.size
  }

  deinit { unsafe memory.deallocate() }

  /// Begins anew, in the memory that there is.
  package mutating func reset() {
    count = FrameHeader.size
    overflowed = false
    heaps.removeAll(keepingCapacity: true)
    lastHeap = (0, 0, 0)
    // One large call must not keep its memory for good.
    if capacity > 32 << 20 {
      unsafe memory.deallocate()
      capacity = 64 << 10
      unsafe memory = .allocate(byteCount: capacity, alignment: 16)
    }
  }

  /// The finished frame, until the packer is used again.
  package mutating func finish(_ header: FrameHeader) -> UnsafeRawBufferPointer {
    var header = header
    header.length = UInt64(count)
    unsafe memory.storeBytes(of: header, as: FrameHeader.self)
    return unsafe UnsafeRawBufferPointer(start: memory, count: count)
  }

  // MARK: Room

  /// Room at the end; nil when the frame is full.
  private mutating func room(_ size: Int, aligned: Int = 1) -> Int? {
    let start = (count + aligned - 1) & ~(aligned - 1)
    guard !overflowed, size <= FrameLimit.bytes - start else {
      overflowed = true
      return nil
    }
    if start + size > capacity { grow(to: start + size) }
    // What lies between is sent as well: no old bytes there.
    if start > count { unsafe (memory + count).initializeMemory(as: UInt8.self, repeating: 0, count: start - count) }
    count = start + size
    return start
  }

  private mutating func grow(to size: Int) {
    let larger = max(size, capacity * 2)
    let new = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    unsafe new.copyMemory(from: memory, byteCount: count)
    unsafe memory.deallocate()
    unsafe memory = new
    capacity = larger
  }

  private mutating func append(_ source: UnsafeRawPointer, _ length: Int, aligned: Int = 1) -> Int? {
    guard let start = room(length, aligned: aligned) else { return nil }
    unsafe (memory + start).copyMemory(from: source, byteCount: length)
    return start
  }

  private func word(_ offset: Int) -> UInt64 { unsafe memory.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
  private func set(_ offset: Int, to word: UInt64) {
    unsafe memory.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
  }

  // MARK: Records

  /// One of an answer's records, whose items are an array of the contract.
  package mutating func append(_ record: FrameRecord, items: reeve_span, _ layout: StructLayout?) {
    guard let place = room(FrameRecord.size, aligned: 8) else { return }
    var record = record
    if let layout {
      record.items = unsafe append(items, layout)
    } else {
      record.items = unsafe FrameSpan(offset: 0, count: items.count, stride: items.stride)
    }
    guard !overflowed else { return }
    unsafe memory.storeBytes(of: record, toByteOffset: place, as: FrameRecord.self)
  }

  /// A record that is a line of text.
  package mutating func append(_ record: FrameRecord, line: reeve_string) {
    var line = unsafe line
    unsafe line.length = unsafe line.bytes == nil ? 0 : min(line.length, UInt64(FrameLimit.line))
    unsafe withUnsafePointer(to: &line) { line in
      unsafe append(
        record, items: reeve_span(items: line, count: 1, stride: UInt32(MemoryLayout<reeve_string>.size)), .string)
    }
  }

  // MARK: Arrays

  package mutating func append(_ span: reeve_span, _ layout: StructLayout) -> FrameSpan {
    let count = Int(unsafe span.count)
    let stride = Int(unsafe span.stride)
    var result = FrameSpan(offset: 0, count: UInt32(count), stride: UInt32(stride))
    guard count > 0, let items = unsafe span.items else { return result }
    guard stride >= layout.size, count <= FrameLimit.items, count * stride <= FrameLimit.bytes else {
      result.offset = FrameLimit.absent
      return result
    }
    guard let start = unsafe append(items, count * stride, aligned: 8) else { return result }
    result.offset = UInt64(start)
    guard !layout.isPlain else { return result }
    for index in 0..<count {
      let place = start + index * stride
      for text in layout.texts { appendText(at: place + text) }
      for document in layout.documents { appendDocument(at: place + document) }
      for (offset, element) in layout.spans { appendSpan(at: place + offset, element) }
      if overflowed { return result }
    }
    return result
  }

  /// The array that the span at a place of the frame describes; its address is of the memory that was packed.
  private mutating func appendSpan(at place: Int, _ layout: StructLayout) {
    let span = unsafe memory.loadUnaligned(fromByteOffset: place, as: reeve_span.self)
    let packed = unsafe append(span, layout)
    set(place, to: packed.offset)
  }

  private mutating func appendText(at place: Int) {
    let length = word(place + 8)
    guard length > 0, let bytes = unsafe UnsafeRawPointer(bitPattern: UInt(word(place))) else {
      return set(place, to: 0)
    }
    guard length <= UInt64(FrameLimit.text) else { return set(place, to: FrameLimit.absent) }
    guard let start = unsafe append(bytes, Int(length)) else { return }
    set(place, to: UInt64(start))
  }

  // MARK: Documents

  private mutating func appendDocument(at place: Int) {
    let document = unsafe memory.loadUnaligned(fromByteOffset: place, as: reeve_document.self)
    let nodeCount = Int(unsafe document.node_count)
    guard nodeCount > 0, let nodes = unsafe document.nodes else {
      set(place, to: 0)
      set(place + 8, to: 0)
      return
    }
    guard nodeCount <= FrameLimit.nodes else {
      set(place, to: FrameLimit.absent)
      set(place + 8, to: 0)
      return
    }
    guard let start = unsafe append(nodes, nodeCount * MemoryLayout<reeve_node>.size, aligned: 8) else { return }
    set(place, to: UInt64(start))
    guard let heap = unsafe document.heap else { return set(place + 8, to: 0) }
    let length = Int(clamping: unsafe document.heap_length)
    if sharesHeaps {
      let start = unsafe share(heap, length)
      set(place + 8, to: start)
    } else if length <= FrameLimit.wholeHeap {
      guard let copy = unsafe append(heap, length) else { return }
      set(place + 8, to: UInt64(copy))
    } else {
      unsafe appendUsed(of: heap, length, nodes: start, nodeCount, at: place)
    }
  }

  private mutating func share(_ heap: UnsafePointer<CChar>, _ length: Int) -> UInt64 {
    let address = UInt(bitPattern: heap)
    if lastHeap.address == address, lastHeap.length == length { return UInt64(lastHeap.offset) }
    if let known = heaps[address], known.length == length {
      lastHeap = (address, length, known.offset)
      return UInt64(known.offset)
    }
    guard let start = unsafe append(heap, length) else { return 0 }
    heaps[address] = (length, start)
    lastHeap = (address, length, start)
    return UInt64(start)
  }

  /// Copies the texts of a document out of a heap that holds more. A text that lies outside of it keeps its place, which
  /// is outside of the copy as well.
  private mutating func appendUsed(
    of heap: UnsafePointer<CChar>, _ length: Int, nodes: Int, _ nodeCount: Int, at place: Int
  ) {
    let heapStart = count
    for index in 0..<nodeCount {
      let node = nodes + index * MemoryLayout<reeve_node>.size
      guard unsafe memory.loadUnaligned(fromByteOffset: node, as: UInt32.self) == REEVE_NODE_STRING else { continue }
      let value = word(node + 8)
      let offset = Int(value >> 32)
      let size = Int(value & 0xFFFF_FFFF)
      guard size > 0 else { continue }
      guard offset + size <= length else {
        set(node + 8, to: .max)
        continue
      }
      guard let copy = unsafe append(heap + offset, size) else { return }
      set(node + 8, to: UInt64(copy - heapStart) << 32 | UInt64(size))
    }
    set(place + 8, to: UInt64(heapStart))
    set(place + 16, to: UInt64(count - heapStart))
  }
}
