import CReevePlugin
import CSandbox
import Glibc
import PluginFrames

/// Requests from the orchestrator, one at a time, in memory that is out of the plugin's reach between calls: an address
/// that it kept leads nowhere.
@safe final class RequestReader {
  /// For the requests that fit.
  private let window: UnsafeMutableRawPointer
  /// For all others.
  private let memory: UnsafeMutableRawPointer
  private var lent: (start: UnsafeMutableRawPointer, length: Int)

  private static let pageSize = 4_096
  private static let windowSize = 64 << 10

  init?() {
    guard let window = unsafe reeve_host_map_window(UInt64(Self.windowSize)),
      let memory = unsafe reeve_host_map_memory(UInt64(FrameLimit.bytes))
    else { return nil }
    unsafe self.window = unsafe window
    unsafe self.memory = unsafe memory
    unsafe lent = unsafe (window, Self.windowSize)
    unsafe protect(memory, FrameLimit.bytes, readable: false)
    done()
  }

  private func protect(_ start: UnsafeMutableRawPointer, _ length: Int, readable: Bool) {
    let whole = (length + Self.pageSize - 1) & ~(Self.pageSize - 1)
    guard unsafe reeve_host_protect(start, UInt64(whole), readable ? 1 : 0) == 0 else { _exit(3) }
  }

  /// Waits for the next one. At the end of the channel the process ends.
  func next() -> Request {
    unsafe lend(window, Self.windowSize)
    // There is never more than one: what comes is of this one.
    let begun = unsafe receive(window, atLeast: FrameHeader.size, atMost: Self.windowSize)
    let header = unsafe window.load(as: FrameHeader.self)
    guard header.magic == FrameHeader.magic, header.length >= UInt64(max(FrameHeader.size, begun)),
      header.length <= UInt64(FrameLimit.bytes)
    else { _exit(4) }
    let length = Int(header.length)
    if length > Self.windowSize {
      unsafe protect(memory, length, readable: true)
      unsafe memory.copyMemory(from: window, byteCount: begun)
      done()
      unsafe lent = unsafe (memory, length)
    }
    let start = unsafe lent.start
    if begun < length {
      _ = unsafe receive(start + begun, atLeast: length - begun, atMost: length - begun)
    }
    do throws(FrameDefect) {
      return try unsafe Request(
        header: header,
        unpacker: FrameUnpacker(UnsafeMutableRawBufferPointer(start: start, count: length), sharingHeaps: true))
    } catch {
      _exit(4)
    }
  }

  private func receive(_ start: UnsafeMutableRawPointer, atLeast least: Int, atMost room: Int) -> Int {
    let got = unsafe reeve_host_receive(start, UInt64(least), UInt64(room))
    guard got > 0 else { _exit(0) }
    return Int(got)
  }

  private func lend(_ start: UnsafeMutableRawPointer, _ length: Int) {
    unsafe protect(start, length, readable: true)
    unsafe lent = unsafe (start, length)
  }

  /// The call is over: nothing is lent any more.
  func done() {
    unsafe protect(lent.start, lent.length, readable: false)
    unsafe lent.length = 0
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
