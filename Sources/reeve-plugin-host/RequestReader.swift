import CReevePlugin
import CSandbox
import Glibc
import PluginFrames

/// Requests from the orchestrator, one at a time, in memory that is out of the plugin's reach between calls: an address
/// that it kept leads nowhere.
///
/// 1. What is received is lent from a window of its size (only what is larger than all of them, always from one place), and
///    never twice in a row from the same one: an address from the call before faults, even while another call lends memory.
/// 2. Each window is a mapping of its own, which is protected and lent as a whole.
@safe final class RequestReader {
  @safe private struct Window {
    let start: UnsafeMutableRawPointer
    let size: Int

    init(start: UnsafeMutableRawPointer, size: Int) {
      unsafe self.start = unsafe start
      self.size = size
    }
  }

  /// What has just come, and is not lent yet. The plugin is never told this address.
  private let incoming: UnsafeMutableRawPointer
  /// By size, and for each size as many as `turns`.
  private let windows: [Window]
  /// For what fits no window.
  private let memory: UnsafeMutableRawPointer
  private var lent: Window?
  private var turn = 0

  private static let pageSize = 4_096
  private static let sizes = [4 << 10, 16 << 10, 64 << 10]
  private static let incomingSize = 64 << 10
  private static let turns = 4

  init?() {
    guard let incoming = unsafe reeve_host_map_memory(UInt64(Self.incomingSize)),
      let memory = unsafe reeve_host_map_memory(UInt64(FrameLimit.bytes))
    else { return nil }
    unsafe self.incoming = unsafe incoming
    unsafe self.memory = unsafe memory
    var windows: [Window] = []
    for size in Self.sizes {
      for _ in 0..<Self.turns {
        guard let start = unsafe reeve_host_map_window(UInt64(size)) else { return nil }
        unsafe windows.append(Window(start: start, size: size))
      }
    }
    self.windows = windows
    for window in windows { protect(window, readable: false) }
    unsafe protect(Window(start: memory, size: FrameLimit.bytes), readable: false)
  }

  private func protect(_ window: Window, readable: Bool) {
    let whole = (window.size + Self.pageSize - 1) & ~(Self.pageSize - 1)
    guard unsafe reeve_host_protect(window.start, UInt64(whole), readable ? 1 : 0) == 0 else { _exit(3) }
  }

  /// Waits for the next one. At the end of the channel the process ends.
  func next() -> Request {
    // There is never more than one: what comes is of this one.
    let begun = unsafe receive(incoming, atLeast: FrameHeader.size, atMost: Self.incomingSize)
    let header = unsafe incoming.load(as: FrameHeader.self)
    guard header.magic == FrameHeader.magic, header.length >= UInt64(max(FrameHeader.size, begun)),
      header.length <= UInt64(FrameLimit.bytes)
    else { _exit(4) }
    let length = Int(header.length)
    let window = lend(length)
    unsafe window.start.copyMemory(from: incoming, byteCount: begun)
    if begun < length {
      _ = unsafe receive(window.start + begun, atLeast: length - begun, atMost: length - begun)
    }
    do throws(FrameDefect) {
      return try unsafe Request(
        header: header,
        unpacker: FrameUnpacker(UnsafeMutableRawBufferPointer(start: window.start, count: length), sharingHeaps: true))
    } catch {
      _exit(4)
    }
  }

  private func receive(_ start: UnsafeMutableRawPointer, atLeast least: Int, atMost room: Int) -> Int {
    let got = unsafe reeve_host_receive(start, UInt64(least), UInt64(room))
    guard got > 0 else { _exit(0) }
    return Int(got)
  }

  private func lend(_ length: Int) -> Window {
    turn = (turn + 1) % Self.turns
    let size = Self.sizes.firstIndex { length <= $0 }
    let window = unsafe size.map { windows[$0 * Self.turns + turn] } ?? Window(start: memory, size: length)
    protect(window, readable: true)
    lent = window
    return window
  }

  /// The call is over: nothing is lent any more.
  func done() {
    guard let window = lent else { return }
    protect(window, readable: false)
    lent = nil
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
