import CReevePlugin
import Glibc

/// Memory that is lent to a plugin for one call and can be taken away for good: whoever looks at it later faults at once.
///
/// 1. Its addresses are never used again while the process lives, so a kept pointer cannot point to something new.
/// 2. What `atEdge` gives ends where an unreadable page begins.
@safe final class GuardedMemory {
  private var regions: [UnsafeMutableRawBufferPointer] = unsafe []
  private var used = 0
  private static let chunk = 4 << 20
  private static let page = Int(getpagesize())

  private func map(_ size: Int) -> UnsafeMutableRawPointer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let memory = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0), unsafe memory != MAP_FAILED else {
      Self.end("no memory for \(size) bytes of a batch: \(SystemError.text(errno))")
    }
    return unsafe memory
  }

  /// Ends the process, which runs one case: what the case should have shown is not known then. With words and a status of
  /// its own: a trap would read as the plugin's crash.
  private static func end(_ what: String) -> Never {
    let words = Array(
      "reeve: \(what); that is no fault of the plugin. Allow reeve more (ulimit -v), and try again\n".utf8)
    _ = unsafe words.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(EX_OSERR)
  }

  func room(_ size: Int) -> UnsafeMutableRawPointer {
    let size = max(16, (size + 15) & ~15)
    if let last = unsafe regions.last, let start = last.baseAddress, used > 0, used + size <= last.count {
      defer { used += size }
      return unsafe start + used
    }
    let whole = max(size, Self.chunk)
    let start = unsafe map(whole)
    unsafe regions.append(UnsafeMutableRawBufferPointer(start: start, count: whole))
    used = size
    return unsafe start
  }

  /// Room whose end is the end of what can be read.
  func atEdge(_ size: Int) -> UnsafeMutableRawPointer {
    let pages = (max(size, 1) + Self.page - 1) / Self.page * Self.page
    let memory = unsafe map(pages + Self.page)
    let sealed = unsafe mprotect(memory + pages, Self.page, PROT_NONE)
    guard sealed == 0 else { Self.end("a page cannot be taken away: \(SystemError.text(errno))") }
    unsafe regions.insert(UnsafeMutableRawBufferPointer(start: memory, count: pages), at: 0)
    // Everything in the contract is a multiple of eight bytes but arrays of uint32_t.
    return unsafe memory + (pages - size)
  }

  /// From here on nobody can read it.
  func revoke() {
    while let region = unsafe regions.popLast() {
      let revoked = unsafe mprotect(region.baseAddress, region.count, PROT_NONE)
      guard revoked == 0 else { Self.end("memory cannot be taken away: \(SystemError.text(errno))") }
    }
    used = 0
  }
}
