import CReevePlugin
import Orchestrator
import PluginFrames

/// Reads what a host process answered: bytes of somebody who may be hostile. The header's magic, kind and length have been
/// looked at; `frame` is of that length.
enum AnswerFrame {
  /// What a plugin did in a call goes to `context`, as if it did so in this process.
  static func unpack(_ header: FrameHeader, _ frame: UnsafeMutableRawBufferPointer, into context: CallContext)
    throws(FrameDefect)
  {
    var unpacker = try unsafe FrameUnpacker(frame, sharingHeaps: false)
    for _ in 0..<header.records {
      let (record, items) = unsafe try unpacker.record()
      switch record.kind {
      case FrameRecord.Kind.fail:
        guard let text = unsafe items.items?.loadUnaligned(as: reeve_string.self) else { continue }
        unsafe context.fail(record.status, record.resource, text)
      case FrameRecord.Kind.log:
        guard let text = unsafe items.items?.loadUnaligned(as: reeve_string.self) else { continue }
        unsafe context.log(record.status, text)
      default: _ = unsafe context.emit(record.kind, items)
      }
    }
    guard unpacker.isAtEnd else { throw FrameDefect("bytes behind the last record") }
    if header.flags & FrameHeader.Flag.overflow != 0 { context.condemn(BadData("more than 256 MiB in one call")) }
  }

  /// What a library says of itself, in `take`, whose memory lasts for that long. Returns why there is no plugin, when
  /// there is none.
  static func introduction(
    _ header: FrameHeader, _ frame: UnsafeMutableRawBufferPointer,
    _ take: (_ descriptor: UnsafePointer<reeve_plugin>?, _ interfaces: [Int32: UnsafeRawPointer]) -> Void
  ) throws(FrameDefect) -> String? {
    var unpacker = try unsafe FrameUnpacker(frame, sharingHeaps: false)
    var descriptor: UnsafePointer<reeve_plugin>?
    var interfaces: [Int32: UnsafeRawPointer] = unsafe [:]
    for _ in 0..<min(header.records, 16) {
      let (record, items) = unsafe try unpacker.record()
      guard let memory = unsafe items.items, unsafe items.count == 1 else { throw FrameDefect("a record of nothing") }
      switch record.kind {
      case FrameRecord.Kind.reason:
        return unsafe PluginLogLine.printable(memory.loadUnaligned(as: reeve_string.self), limit: 4_096)
      case FrameRecord.Kind.descriptor:
        guard unsafe items.stride >= MemoryLayout<reeve_plugin>.size else { throw FrameDefect("a descriptor cut off") }
        unsafe descriptor = unsafe memory.assumingMemoryBound(to: reeve_plugin.self)
      case FrameRecord.Kind.interface:
        // Whoever reads it believes its own struct_size, which therefore has to be true where it is large enough.
        let known = interfaceSize(record.status)
        guard unsafe items.stride >= 4, unsafe items.stride >= known || memory.loadUnaligned(as: UInt32.self) < known
        else { throw FrameDefect("an interface cut off") }
        unsafe interfaces[record.status] = unsafe memory
      default: throw FrameDefect("a record of kind \(record.kind) in an introduction")
      }
    }
    unsafe take(descriptor, interfaces)
    return nil
  }

  private static func interfaceSize(_ place: Int32) -> UInt32 {
    place == 0 ? UInt32(MemoryLayout<reeve_discovery>.size) : UInt32(MemoryLayout<reeve_check>.size)
  }
}
