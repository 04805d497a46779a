package import CReevePlugin

/// Turns the offsets of a received frame into addresses, in place, and believes none of them.
///
/// 1. `cursor` only moves forward, and every part lies behind it: no two parts overlap, so that what was looked at is
///    not changed by a later part. (Shared heaps are the exception, for frames of the orchestrator alone.)
/// 2. Every address that stands in a struct afterwards lies in the frame with all that it is said to have, is NULL, or
///    is `absent`, in front of a size that whoever reads the struct refuses before he looks there.
@safe package struct FrameUnpacker: ~Copyable {
  private let memory: UnsafeMutableRawPointer
  private let count: Int
  private let sharesHeaps: Bool
  private var cursor: Int

  /// What an address is set to when nothing was carried along: nobody gets as far as to read there.
  private static let absentAddress: UInt64 = 16

  /// `frame` is aligned as memory of the allocator is, and nobody else's while this lives.
  package init(_ frame: UnsafeMutableRawBufferPointer, sharingHeaps: Bool) throws(FrameDefect) {
    guard let start = frame.baseAddress, frame.count >= FrameHeader.size else {
      throw FrameDefect("a frame of \(frame.count) bytes, less than its header")
    }
    unsafe memory = start
    count = frame.count
    sharesHeaps = sharingHeaps
    cursor = FrameHeader.size
  }

  package var isAtEnd: Bool { cursor == count }

  /// Claims the part of a frame that begins at an offset.
  private mutating func claim(_ offset: UInt64, _ size: Int, aligned: Int) throws(FrameDefect) -> Int {
    guard offset >= UInt64(cursor), offset <= UInt64(count), size >= 0, size <= count - Int(offset),
      Int(offset) & (aligned - 1) == 0
    else { throw FrameDefect("\(size) bytes at \(offset) of a frame of \(count), of which \(cursor) are read") }
    cursor = Int(offset) + size
    return Int(offset)
  }

  private func word(_ offset: Int) -> UInt64 { unsafe memory.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
  private func set(_ offset: Int, to word: UInt64) {
    unsafe memory.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
  }
  private func address(_ offset: Int) -> UInt64 { UInt64(UInt(bitPattern: unsafe memory + offset)) }

  // MARK: Records

  /// The next record, its items ready to be read.
  package mutating func record() throws(FrameDefect) -> (FrameRecord, reeve_span) {
    let start = try claim(UInt64((cursor + 7) & ~7), FrameRecord.size, aligned: 8)
    let record = unsafe memory.loadUnaligned(fromByteOffset: start, as: FrameRecord.self)
    switch record.kind {
    case FrameRecord.Kind.fail, FrameRecord.Kind.log, FrameRecord.Kind.reason:
      return (record, unsafe try line(record.items))
    case FrameRecord.Kind.descriptor: return (record, unsafe try unpack(record.items, .plugin))
    case FrameRecord.Kind.interface: return (record, unsafe try unpack(record.items, .index))
    default:
      guard let layout = StructLayout.emitted(record.kind) else {
        // Of a kind that nobody takes, whatever it holds.
        return (record, unsafe reeve_span(items: nil, count: record.items.count, stride: record.items.stride))
      }
      return (record, unsafe try unpack(record.items, layout))
    }
  }

  /// One text, not longer than a line.
  private mutating func line(_ items: FrameSpan) throws(FrameDefect) -> reeve_span {
    let span = unsafe try unpack(items, .string)
    guard unsafe span.count == 1, unsafe span.stride >= MemoryLayout<reeve_string>.size, let item = unsafe span.items,
      unsafe item.loadUnaligned(as: reeve_string.self).length <= UInt64(FrameLimit.line)
    else { throw FrameDefect("a line that is none") }
    return unsafe span
  }

  // MARK: Arrays

  package mutating func unpack(_ items: FrameSpan, _ layout: StructLayout) throws(FrameDefect) -> reeve_span {
    var span = unsafe reeve_span(items: nil, count: items.count, stride: items.stride)
    guard items.count > 0, items.offset != 0 else { return unsafe span }
    let count = Int(items.count)
    let stride = Int(items.stride)
    guard stride >= layout.size, count <= FrameLimit.items else {
      guard items.offset == FrameLimit.absent else { throw FrameDefect("\(count) items, \(stride) bytes apart") }
      unsafe span.items = UnsafeRawPointer(bitPattern: UInt(Self.absentAddress))
      return unsafe span
    }
    guard items.offset != FrameLimit.absent else { throw FrameDefect("\(count) items that were not carried along") }
    let start = try claim(items.offset, count * stride, aligned: 8)
    unsafe span.items = UnsafeRawPointer(memory + start)
    guard !layout.isPlain else { return unsafe span }
    for index in 0..<count {
      let place = start + index * stride
      for text in layout.texts { try unpackText(at: place + text) }
      for document in layout.documents { try unpackDocument(at: place + document) }
      for (offset, element) in layout.spans { try unpackSpan(at: place + offset, element) }
    }
    return unsafe span
  }

  private mutating func unpackSpan(at place: Int, _ layout: StructLayout) throws(FrameDefect) {
    let items = unsafe memory.loadUnaligned(fromByteOffset: place, as: FrameSpan.self)
    let span = unsafe try unpack(items, layout)
    set(place, to: UInt64(UInt(bitPattern: unsafe span.items)))
  }

  private mutating func unpackText(at place: Int) throws(FrameDefect) {
    let offset = word(place)
    let length = word(place + 8)
    guard offset != 0 else { return }
    if length > UInt64(FrameLimit.text) {
      guard offset == FrameLimit.absent else { throw FrameDefect("a text of \(length) bytes") }
      return set(place, to: Self.absentAddress)
    }
    let start = try claim(offset, Int(length), aligned: 1)
    set(place, to: address(start))
  }

  private mutating func unpackDocument(at place: Int) throws(FrameDefect) {
    let nodes = word(place)
    let heap = word(place + 8)
    let heapLength = word(place + 16)
    let nodeCount = Int(unsafe memory.loadUnaligned(fromByteOffset: place + 24, as: UInt32.self))
    guard nodes != 0 else { return set(place + 8, to: 0) }
    if nodeCount > FrameLimit.nodes {
      guard nodes == FrameLimit.absent else { throw FrameDefect("a document of \(nodeCount) nodes") }
      set(place, to: Self.absentAddress)
      return set(place + 8, to: 0)
    }
    let start = try claim(nodes, nodeCount * MemoryLayout<reeve_node>.size, aligned: 8)
    set(place, to: address(start))
    guard heap != 0 else { return }
    guard heapLength <= UInt64(FrameLimit.bytes) else { throw FrameDefect("a heap of \(heapLength) bytes") }
    if sharesHeaps, heap < UInt64(cursor) {
      guard heap >= UInt64(FrameHeader.size), heap + heapLength <= UInt64(cursor) else {
        throw FrameDefect("a shared heap of \(heapLength) bytes at \(heap)")
      }
      return set(place + 8, to: address(Int(heap)))
    }
    let texts = try claim(heap, Int(heapLength), aligned: 1)
    set(place + 8, to: address(texts))
  }
}
