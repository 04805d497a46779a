import CMicroHTTPD
import Dispatch
import Synchronization

/// A small HTTP server on loopback that answers as the path says, well or badly.
@safe final class LoopbackServer: @unchecked Sendable {
  struct Seen: Sendable, Equatable {
    var method: String
    var path: String
    var body: [UInt8]
  }

  private struct State {
    var seen: [Seen] = []
    var connections = 0
    var inFlight = 0
    var mostInFlight = 0
    var hanging = 0
    var watchers: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  private let release = DispatchSemaphore(value: 0)
  private var daemon: OpaquePointer?

  init() throws {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let notify: MHD_NotifyConnectionCallback = { context, _, _, event in
      guard event.rawValue == 0, let context = unsafe context else { return }
      unsafe Unmanaged<LoopbackServer>.fromOpaque(context).takeUnretainedValue().state.withLock { $0.connections += 1 }
    }
    let options = unsafe [
      MHD_OptionItem(
        option: .NOTIFY_CONNECTION, value: unsafeBitCast(notify, to: Int.self), ptr_value: context),
      MHD_OptionItem(option: .END, value: 0, ptr_value: nil),
    ]
    let flags = MHD_USE_INTERNAL_POLLING_THREAD.rawValue | MHD_USE_THREAD_PER_CONNECTION.rawValue
    unsafe daemon = unsafe reeve_mhd_start(
      flags, 0,
      { context, connection, url, method, _, data, size, request in
        guard let context = unsafe context, let connection = unsafe connection else { return .NO }
        let server = unsafe Unmanaged<LoopbackServer>.fromOpaque(context).takeUnretainedValue()
        return unsafe server.handle(connection, url, method, data, size, request)
      }, context, options)
    guard unsafe daemon != nil else { throw Failure.didNotStart }
  }

  enum Failure: Error { case didNotStart }

  deinit { stop() }

  func stop() {
    for _ in 0..<state.withLock({ $0.hanging }) { release.signal() }
    if let running = unsafe daemon { unsafe MHD_stop_daemon(running) }
    unsafe daemon = nil
  }

  var authority: String {
    guard let daemon = unsafe daemon else { return "127.0.0.1:1" }
    return "127.0.0.1:\(unsafe reeve_mhd_port(daemon))"
  }
  var connections: Int { state.withLock { $0.connections } }
  var mostInFlight: Int { state.withLock { $0.mostInFlight } }
  var seen: [Seen] { state.withLock { $0.seen } }

  /// Returns once a request hangs.
  func somebodyHangs() async {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state in
        if state.hanging == 0 { state.watchers.append(continuation) }
        return state.hanging > 0
      }
      if now { continuation.resume() }
    }
  }

  private final class Upload {
    var body: [UInt8] = []
  }

  private func handle(
    _ connection: OpaquePointer, _ url: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?,
    _ data: UnsafePointer<CChar>?, _ size: UnsafeMutablePointer<Int>?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  ) -> MHD_Result {
    guard let url = unsafe url, let method = unsafe method, let size = unsafe size, let slot = unsafe slot else {
      return .NO
    }
    guard let held = unsafe slot.pointee else {
      unsafe slot.pointee = unsafe Unmanaged.passRetained(Upload()).toOpaque()
      return .YES
    }
    let upload = unsafe Unmanaged<Upload>.fromOpaque(held)
    if unsafe size.pointee > 0, let data = unsafe data {
      unsafe upload.takeUnretainedValue().body += UnsafeRawBufferPointer(start: data, count: size.pointee)
      unsafe size.pointee = 0
      return .YES
    }
    unsafe slot.pointee = nil
    let body = unsafe upload.takeRetainedValue().body
    let path = unsafe String(cString: url)
    let seen = unsafe Seen(method: String(cString: method), path: path, body: body)
    state.withLock { state in
      state.seen.append(seen)
      state.inFlight += 1
      state.mostInFlight = max(state.mostInFlight, state.inFlight)
    }
    defer { state.withLock { $0.inFlight -= 1 } }
    return unsafe answer(connection, path, body)
  }

  private func answer(_ connection: OpaquePointer, _ path: String, _ body: [UInt8]) -> MHD_Result {
    switch path {
    case "/echo": return unsafe send(connection, 200, body)
    case "/redirect": return unsafe send(connection, 302, [], header: ("Location", "http://127.0.0.1:1/elsewhere"))
    case "/large": return unsafe send(connection, 200, Array(repeating: 0x61, count: 100_000))
    case "/unavailable": return unsafe send(connection, 503, Array("slow down".utf8), header: ("Retry-After", "7"))
    case "/truncated": return unsafe sendTruncated(connection)
    case "/hang":
      hang()
      return unsafe send(connection, 200, [])
    default: return unsafe send(connection, 404, Array("no \(path)".utf8))
    }
  }

  private func hang() {
    let watchers = state.withLock { state in
      defer { state.watchers = [] }
      state.hanging += 1
      return state.watchers
    }
    for watcher in watchers { watcher.resume() }
    release.wait()
  }

  private func send(
    _ connection: OpaquePointer, _ status: UInt32, _ body: [UInt8], header: (String, String)? = nil
  ) -> MHD_Result {
    var body = body
    guard let response = unsafe MHD_create_response_from_buffer(body.count, &body, .RESPMEM_MUST_COPY) else {
      return .NO
    }
    defer { unsafe MHD_destroy_response(response) }
    if let header { unsafe MHD_add_response_header(response, header.0, header.1) }
    return unsafe MHD_queue_response(connection, status, response)
  }

  /// Promises a thousand bytes, sends ten, and closes.
  private func sendTruncated(_ connection: OpaquePointer) -> MHD_Result {
    let reader: MHD_ContentReaderCallback = { _, position, buffer, _ in
      guard position == 0, let buffer = unsafe buffer else { return -2 }
      for index in 0..<10 { unsafe buffer[index] = 0x62 }
      return 10
    }
    guard let response = unsafe MHD_create_response_from_callback(1_000, 64, reader, nil, nil) else { return .NO }
    defer { unsafe MHD_destroy_response(response) }
    return unsafe MHD_queue_response(connection, 200, response)
  }
}
