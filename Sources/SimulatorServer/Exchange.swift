import AWSWire
import EC2Simulator
import Governance

/// One request as it comes in, piece by piece.
///
/// libmicrohttpd calls for one request from one thread at a time, from its request line to its completion: that is what
/// makes the plain state here safe.
final class Exchange {
  /// nil: a NUL byte stands in it, and what the library makes of it is not what was sent.
  let target: String?
  private(set) var body: [UInt8] = []
  /// nil: they were not looked at yet.
  var headers: HTTPHeaders?
  private(set) var isTooLarge = false
  /// What the faults make of it; nil: not decided yet.
  var passage: Passage?
  /// It was held without an answer, and is given up now.
  var isLost = false
  private let bodyLimit: Int
  private var received = 0

  init(target: String?, bodyLimit: Int) {
    self.target = target
    self.bodyLimit = bodyLimit
  }

  /// What is too large is read to its end, so that the client hears why it was refused instead of a broken connection;
  /// beyond this much it has to live with that.
  private static func patience(_ bodyLimit: Int) -> Int { bodyLimit * 16 }

  /// It has sent more than is worth reading.
  var isHopeless: Bool { received > Self.patience(bodyLimit) }

  func append(_ bytes: some Collection<UInt8>) {
    received += bytes.count
    guard !isTooLarge, body.count + bytes.count <= bodyLimit else {
      isTooLarge = true
      body = []
      return
    }
    body.append(contentsOf: bytes)
  }

  /// What the HTTP library accepts and must not be: two lengths, or a length beside chunks, is how requests are
  /// smuggled past a proxy.
  static func refusal(of headers: HTTPHeaders, bodyLimit: Int) -> HTTPResponse? {
    var length: String?
    for field in headers.fields where HTTPHeaders.areEqual(field.name, "Content-Length") {
      if length != nil { return plain(400, "Content-Length is given more than once") }
      length = field.value
    }
    guard let length else { return nil }
    if headers["Transfer-Encoding"] != nil {
      return plain(400, "Content-Length and Transfer-Encoding exclude each other")
    }
    return (Int(length) ?? Int.max) > patience(bodyLimit) ? tooLarge(bodyLimit) : nil
  }

  static func tooLarge(_ limit: Int) -> HTTPResponse { plain(413, "a body has at most \(limit) bytes here") }

  static func plain(_ status: Int, _ message: String) -> HTTPResponse {
    HTTPResponse(
      status: status,
      headers: HTTPHeaders([("Content-Type", "text/plain;charset=UTF-8"), ("Connection", "close")]),
      body: Array((message + "\n").utf8))
  }

  func request(method: String, headers: HTTPHeaders) -> HTTPRequest {
    let parts = (target ?? "").fields(at: "?", maxSplits: 1)
    return HTTPRequest(
      method: method, scheme: "http", authority: headers["Host"] ?? "", path: parts[0],
      query: parts.count > 1 ? parts[1] : "", headers: headers, body: body)
  }
}
