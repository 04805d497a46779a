import CReevePlugin

/// One call of the host, as long as it lasts.
@safe struct Call {
  let raw: UnsafeMutablePointer<reeve_call>

  init(_ raw: UnsafeMutablePointer<reeve_call>) { unsafe self.raw = unsafe raw }

  var now: Time { unsafe Time(nanoseconds: raw.pointee.now) }
  var isCancelled: Bool { unsafe raw.pointee.cancelled(raw) != 0 }

  /// Where the host wants to know how far the call is: what to say it with.
  var progress: UnsafePointer<reeve_progress>? {
    unsafe raw.pointee.service(raw, REEVE_SERVICE_PROGRESS)?.assumingMemoryBound(to: reeve_progress.self)
  }

  func emit<Item>(_ kind: UInt32, _ items: [Item]) -> reeve_status {
    guard !items.isEmpty else { return REEVE_OK }
    return unsafe items.withUnsafeBufferPointer { buffer in
      let span = unsafe reeve_span(
        items: UnsafeRawPointer(buffer.baseAddress), count: UInt32(buffer.count),
        stride: UInt32(MemoryLayout<Item>.stride))
      return unsafe raw.pointee.emit(raw, kind, span)
    }
  }

  /// Says why the call is about to fail, and returns the status to end it with.
  func fail(_ status: reeve_status, resource: Int? = nil, _ message: String) -> reeve_status {
    let index = resource.map { UInt32($0) } ?? REEVE_NO_RESOURCE
    unsafe withText(message) { unsafe raw.pointee.fail(raw, status, index, $0) }
    return status
  }

  func cancelled() -> reeve_status { fail(REEVE_ERROR_CANCELLED, "stopped early, as the host asked") }

  func log(_ level: Int32, _ message: String) { unsafe withText(message) { unsafe raw.pointee.log(raw, level, $0) } }

  private func withText(_ text: String, _ body: (reeve_string) -> Void) {
    var text = text
    text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) {
        unsafe body(reeve_string(bytes: $0.baseAddress, length: UInt64($0.count)))
      }
    }
  }
}
