import CReevePlugin
import CSandbox
import PluginFrames

/// One call into the plugin: what stands behind its `reeve_call`. What the plugin hands over is written down as it is;
/// the orchestrator judges.
@safe final class PluginCall {
  private let page: UnsafeMutablePointer<reeve_breadcrumb>
  private var packer: FramePacker
  private var records: UInt32 = 0
  private var lines = 0

  /// More lines in one call are not sent; one more than the orchestrator takes.
  private static let lineLimit = 1_002

  init(page: UnsafeMutablePointer<reeve_breadcrumb>) {
    unsafe self.page = unsafe page
    packer = FramePacker(sharingHeaps: false)
  }

  /// Makes the call. `body` gets the plugin's view of it.
  func run(now: Int64, _ body: (UnsafeMutablePointer<reeve_call>) -> Int32) -> Int32 {
    packer.reset()
    records = 0
    lines = 0
    var call = unsafe reeve_call(
      struct_size: UInt32(MemoryLayout<reeve_call>.size), reserved: 0,
      host: Unmanaged.passUnretained(self).toOpaque(), now: now,
      cancelled: { call in unsafe PluginCall.behind(call).map { Int32($0.isCancelled ? 1 : 0) } ?? 1 },
      emit: { call, kind, items in unsafe PluginCall.behind(call)?.emit(kind, items) ?? REEVE_ERROR_BAD_DATA },
      fail: { call, status, resource, message in
        unsafe PluginCall.behind(call)?.line(
          FrameRecord(kind: FrameRecord.Kind.fail, status: status, resource: resource), message)
      },
      log: { call, level, message in
        unsafe PluginCall.behind(call)?.line(FrameRecord(kind: FrameRecord.Kind.log, status: level), message)
      },
      service: { call, name in unsafe PluginCall.service(name) })
    return withExtendedLifetime(self) { unsafe body(&call) }
  }

  /// The answer, until the next call.
  func answer(_ header: consuming FrameHeader) -> UnsafeRawBufferPointer {
    header.records = records
    if packer.overflowed { header.flags |= FrameHeader.Flag.overflow }
    return unsafe packer.finish(header)
  }

  private static func behind(_ call: UnsafeMutablePointer<reeve_call>) -> PluginCall? {
    unsafe call.pointee.host.map { unsafe Unmanaged<PluginCall>.fromOpaque($0).takeUnretainedValue() }
  }

  private var isCancelled: Bool { unsafe reeve_breadcrumb_is_cancelled(page) != 0 }

  private func emit(_ kind: UInt32, _ items: reeve_span) -> reeve_status {
    unsafe packer.append(FrameRecord(kind: kind), items: items, StructLayout.emitted(kind))
    guard !packer.overflowed else { return REEVE_ERROR_BAD_DATA }
    records += 1
    // Only of what has been copied: what is said to be there need not be.
    if kind == REEVE_EMIT_VERDICT, unsafe items.count > 0, unsafe Int(items.count) <= FrameLimit.items,
      unsafe Int(items.stride) >= StructLayout.verdict.size, let first = unsafe items.items
    {
      let last = unsafe first + Int(items.count - 1) * Int(items.stride)
      unsafe reeve_breadcrumb_emitted(page, last.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    }
    return isCancelled ? REEVE_ERROR_CANCELLED : REEVE_OK
  }

  private func line(_ record: FrameRecord, _ text: reeve_string) {
    lines += 1
    guard lines <= Self.lineLimit else { return }
    unsafe packer.append(record, line: text)
    records += 1
  }

  // MARK: Services

  private static func service(_ name: UnsafePointer<CChar>) -> UnsafeRawPointer? {
    guard unsafe String(cString: name) == REEVE_SERVICE_PROGRESS else { return nil }
    return unsafe UnsafeRawPointer(progress)
  }

  /// Made once, for good: plugins may ask for it in every call.
  private nonisolated(unsafe) static let progress: UnsafeMutablePointer<reeve_progress> = {
    let service = UnsafeMutablePointer<reeve_progress>.allocate(capacity: 1)
    unsafe service.initialize(
      to: reeve_progress(
        struct_size: UInt32(MemoryLayout<reeve_progress>.size), reserved: 0,
        at: { call, resource, check in
          guard let behind = unsafe PluginCall.behind(call) else { return }
          unsafe reeve_breadcrumb_at(behind.page, resource, check)
        }))
    return unsafe service
  }()
}
