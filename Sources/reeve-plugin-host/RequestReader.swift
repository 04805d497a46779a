import CReevePlugin
import CSandbox
import Glibc
import PluginFrames

/// Requests from the orchestrator, one at a time, in memory that is out of the plugin's reach between calls: an address
/// that it kept leads nowhere.
@safe final class RequestReader {
  private let memory: UnsafeMutableRawPointer
  private var lent = 0

  private static let pageSize = 4_096

  init?() {
    guard let memory = unsafe reeve_host_map_memory(UInt64(FrameLimit.bytes)) else { return nil }
    unsafe self.memory = unsafe memory
    protect(FrameLimit.bytes, readable: false)
  }

  private func protect(_ length: Int, readable: Bool) {
    let whole = (length + Self.pageSize - 1) & ~(Self.pageSize - 1)
    guard unsafe reeve_host_protect(memory, UInt64(whole), readable ? 1 : 0) == 0 else { _exit(3) }
  }

  /// Waits for the next one. At the end of the channel the process ends.
  func next() -> Request {
    var header = FrameHeader(.hello, sequence: 0)
    let begun = unsafe withUnsafeMutableBytes(of: &header) { bytes in
      unsafe bytes.baseAddress.map { unsafe reeve_host_receive($0, UInt64(bytes.count)) } ?? -EPIPE
    }
    guard begun == 0 else { _exit(0) }
    guard header.magic == FrameHeader.magic, header.length >= UInt64(FrameHeader.size),
      header.length <= UInt64(FrameLimit.bytes)
    else { _exit(4) }
    lent = Int(header.length)
    protect(lent, readable: true)
    unsafe memory.storeBytes(of: header, as: FrameHeader.self)
    guard unsafe reeve_host_receive(memory + FrameHeader.size, header.length - UInt64(FrameHeader.size)) == 0
    else { _exit(0) }
    do throws(FrameDefect) {
      return try unsafe Request(
        header: header,
        unpacker: FrameUnpacker(UnsafeMutableRawBufferPointer(start: memory, count: lent), sharingHeaps: true))
    } catch {
      _exit(4)
    }
  }

  /// The call is over: nothing is lent any more.
  func done() {
    protect(lent, readable: false)
    lent = 0
  }
}

struct Request: ~Copyable {
  let header: FrameHeader
  private var unpacker: FrameUnpacker

  init(header: FrameHeader, unpacker: consuming FrameUnpacker) {
    self.header = header
    self.unpacker = unpacker
  }

  /// An argument, ready to be handed on. In the order in which they were packed.
  mutating func argument(_ which: KeyPath<FrameHeader, FrameSpan>, _ layout: StructLayout) -> reeve_span {
    do throws(FrameDefect) {
      return try unsafe unpacker.unpack(header[keyPath: which], layout)
    } catch {
      _exit(4)
    }
  }
}
