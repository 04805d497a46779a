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
      fatalError("no memory for a batch: \(errno)")
    }
    return unsafe memory
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
    precondition(sealed == 0, "a page cannot be taken away")
    unsafe regions.insert(UnsafeMutableRawBufferPointer(start: memory, count: pages), at: 0)
    // Everything in the contract is a multiple of eight bytes but arrays of uint32_t.
    return unsafe memory + (pages - size)
  }

  /// From here on nobody can read it.
  func revoke() {
    while let region = unsafe regions.popLast() {
      let revoked = unsafe mprotect(region.baseAddress, region.count, PROT_NONE)
      precondition(revoked == 0, "memory cannot be taken away")
    }
    used = 0
  }
}
