package import AWSWire
import Synchronization

/// The live network: one libcurl multi handle on one permanent thread, connections kept alive and counted.
///
/// A redirect is an error and is never followed, TLS is always verified, and a body is read whole or not at all.
package final class CurlTransport: HTTPTransport {
  private let loop: CurlLoop
  private let nextID = Mutex(0)

  /// Starts the thread; it ends when the transport is released.
  package init(settings: CurlSettings) throws(TransportError) {
    loop = try CurlLoop(settings: settings)
    try loop.start()
  }

  deinit { loop.stop() }

  package func send(_ request: HTTPRequest, timeout: Duration) async throws(TransportError) -> HTTPResponse {
    try Self.validate(request)
    let id = nextID.withLock { next in
      next += 1
      return next
    }
    let loop = loop
    let wasCancelled = CancellationFlag()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.submit(
          CurlJob(
            id: id, request: request, timeout: timeout, cancellation: wasCancelled, continuation: continuation))
      }
    } onCancel: {
      // The flag is for a cancellation that comes before the job does.
      wasCancelled.raise()
      loop.cancel(id)
    }
    return try result.get()
  }

  /// What would change the request's meaning on the wire is refused: a line break in a header is a second header.
  private static func validate(_ request: HTTPRequest) throws(TransportError) {
    guard ["GET", "POST", "PUT"].contains(request.method), ["http", "https"].contains(request.scheme) else {
      throw TransportError(
        kind: .connectFailed, message: "\(request.method) over \(request.scheme) is not a request this transport sends")
    }
    let isPlain: (String) -> Bool = { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
    let headersArePlain = request.headers.fields.allSatisfy { isPlain($0.name) && isPlain($0.value) }
    guard headersArePlain, request.url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !request.authority.contains("@")
    else {
      throw TransportError(
        kind: .connectFailed,
        message: "the request to \(request.authority) has a control character in its address or headers; not sent")
    }
  }
}

/// A request on its way to the loop's thread.
struct CurlJob: Sendable {
  var id: Int
  var request: HTTPRequest
  var timeout: Duration
  var cancellation: CancellationFlag
  var continuation: CheckedContinuation<Result<HTTPResponse, TransportError>, Never>
}

final class CancellationFlag: Sendable {
  private let flag = Atomic(false)
  var isRaised: Bool { flag.load(ordering: .acquiring) }
  func raise() { flag.store(true, ordering: .releasing) }
}
