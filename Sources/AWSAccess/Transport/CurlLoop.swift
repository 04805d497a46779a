import AWSWire
import CCurl
import Glibc
import Synchronization

/// The thread that owns libcurl.
///
/// Invariants:
/// 1. Easy handles are touched by the loop's thread only; of the multi handle others call `curl_multi_wakeup` alone,
///    which libcurl allows, and only under the inbox's lock while `isOpen`.
/// 2. Every job that was submitted is resumed exactly once: by its end, its cancellation, or the stop.
/// 3. At most `maximumTransfers` are active; a waiting job's clock has not started.
final class CurlLoop: Sendable {
  private struct Inbox {
    var isOpen = true
    var jobs: [CurlJob] = []
    var cancelled: [Int] = []
  }

  private let settings: CurlSettings
  private let multi: CurlMulti
  private let inbox = Mutex(Inbox())

  init(settings: CurlSettings) throws(TransportError) {
    self.settings = settings
    multi = try CurlMulti(maximumConnections: settings.maximumTransfers)
  }

  func start() throws(TransportError) {
    var thread = pthread_t()
    let context = unsafe Unmanaged.passRetained(self)
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      unsafe context.release()
      throw TransportError(
        kind: .connectFailed, message: "no thread for the network could be started (error \(status))")
    }
    pthread_detach(thread)
  }

  func submit(_ job: CurlJob) {
    let accepted = inbox.withLock { inbox in
      guard inbox.isOpen else { return false }
      inbox.jobs.append(job)
      multi.wake()
      return true
    }
    if !accepted { job.continuation.resume(returning: .failure(Self.cancelled(job.request))) }
  }

  func cancel(_ id: Int) {
    inbox.withLock { inbox in
      guard inbox.isOpen else { return }
      inbox.cancelled.append(id)
      multi.wake()
    }
  }

  func stop() {
    inbox.withLock { inbox in
      inbox.isOpen = false
      multi.wake()
    }
  }

  // MARK: On the loop's thread

  private func run() {
    var waiting: [CurlJob] = []
    var active: [Int: CurlTransfer] = [:]
    while true {
      let (isOpen, jobs, cancelled) = inbox.withLock { inbox in
        defer { (inbox.jobs, inbox.cancelled) = ([], []) }
        return (inbox.isOpen, inbox.jobs, inbox.cancelled)
      }
      waiting += jobs
      for id in cancelled { drop(id, waiting: &waiting, active: &active) }
      guard isOpen else { break }
      startWaiting(&waiting, &active)
      multi.perform()
      while let (id, code) = multi.nextFinished() {
        guard let transfer = active.removeValue(forKey: id) else { continue }
        multi.remove(transfer)
        transfer.finish(code: code)
      }
      // A finished transfer has made room: look again before waiting.
      if waiting.isEmpty || active.count >= settings.maximumTransfers { multi.wait() }
    }
    for job in waiting { job.continuation.resume(returning: .failure(Self.cancelled(job.request))) }
    for (_, transfer) in active {
      multi.remove(transfer)
      transfer.resume(.failure(Self.cancelled(transfer.job.request)))
    }
    multi.close()
  }

  private func startWaiting(_ waiting: inout [CurlJob], _ active: inout [Int: CurlTransfer]) {
    let room = settings.maximumTransfers - active.count
    guard room > 0, !waiting.isEmpty else { return }
    for job in waiting.prefix(room) {
      guard !job.cancellation.isRaised else {
        job.continuation.resume(returning: .failure(Self.cancelled(job.request)))
        continue
      }
      guard let transfer = CurlTransfer(job: job, settings: settings) else {
        job.continuation.resume(
          returning: .failure(TransportError(kind: .connectFailed, message: "libcurl is out of memory")))
        continue
      }
      guard multi.add(transfer) else {
        transfer.resume(.failure(TransportError(kind: .connectFailed, message: "libcurl did not take the request")))
        continue
      }
      active[job.id] = transfer
    }
    waiting.removeFirst(min(room, waiting.count))
  }

  /// The task that waits was cancelled. A job that is over already has been resumed: nothing to do then.
  private func drop(_ id: Int, waiting: inout [CurlJob], active: inout [Int: CurlTransfer]) {
    if let transfer = active.removeValue(forKey: id) {
      multi.remove(transfer)
      transfer.resume(.failure(Self.cancelled(transfer.job.request)))
    } else if let position = waiting.firstIndex(where: { $0.id == id }) {
      let job = waiting.remove(at: position)
      job.continuation.resume(returning: .failure(Self.cancelled(job.request)))
    }
  }

  private static func cancelled(_ request: HTTPRequest) -> TransportError {
    TransportError(kind: .cancelled, message: "the request to \(request.authority) was cancelled")
  }
}

/// The multi handle. `@unchecked` and `@safe`: see the loop's first invariant.
@safe final class CurlMulti: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  /// Once per process, before anything else of libcurl.
  private static let globalStatus = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  init(maximumConnections: Int) throws(TransportError) {
    guard Self.globalStatus == CURLE_OK, let handle = unsafe curl_multi_init() else {
      throw TransportError(kind: .connectFailed, message: "libcurl could not be initialized")
    }
    unsafe self.handle = unsafe handle
    unsafe reeve_curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, maximumConnections)
    unsafe reeve_curl_multi_set_long(handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, maximumConnections)
  }

  func wake() { unsafe curl_multi_wakeup(handle) }
  func close() { unsafe curl_multi_cleanup(handle) }
  func add(_ transfer: CurlTransfer) -> Bool { unsafe curl_multi_add_handle(handle, transfer.handle) == CURLM_OK }
  func remove(_ transfer: CurlTransfer) { unsafe curl_multi_remove_handle(handle, transfer.handle) }

  func perform() {
    var running: Int32 = 0
    unsafe curl_multi_perform(handle, &running)
  }

  /// Until there is something to do: a socket, a timer of libcurl's, or `wake`.
  func wait() { unsafe curl_multi_poll(handle, nil, 0, 60_000, nil) }

  func nextFinished() -> (id: Int, code: CURLcode)? {
    var left: Int32 = 0
    while let message = unsafe curl_multi_info_read(handle, &left) {
      guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe reeve_curl_message_handle(message) else {
        continue
      }
      var context: UnsafeMutableRawPointer?
      guard unsafe reeve_curl_get_private(easy, &context) == CURLE_OK, let context = unsafe context else { continue }
      let transfer = unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      return (transfer.job.id, unsafe reeve_curl_message_result(message))
    }
    return nil
  }
}
