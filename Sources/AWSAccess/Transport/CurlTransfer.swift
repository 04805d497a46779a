import AWSWire
import CCurl
import Governance

/// One request on an easy handle. Lives on the loop's thread; the loop's table keeps it while libcurl points to it. `@safe`: the pointers are
/// made in `init`, freed in `deinit`, and never leave the loop.
@safe final class CurlTransfer {
  let job: CurlJob
  let handle: UnsafeMutableRawPointer
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let maximumBytes: Int
  private var headers = HTTPHeaders()
  private var headerBytes = 0
  private var body: [UInt8] = []
  private var isTooLarge = false

  /// More header than any AWS service sends.
  private static let maximumHeaderBytes = 256 << 10

  /// nil: out of memory.
  init?(job: CurlJob, settings: CurlSettings) {
    guard let handle = unsafe curl_easy_init() else { return nil }
    self.job = job
    unsafe self.handle = unsafe handle
    maximumBytes = settings.maximumResponseBytes
    configure(settings)
    describeRequest()
    receiveIntoSelf()
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
    unsafe curl_slist_free_all(headerList)
  }

  private func set(_ option: CURLoption, _ value: Int) { unsafe reeve_curl_set_long(handle, option, value) }
  /// libcurl copies strings.
  private func set(_ option: CURLoption, _ value: String) { unsafe reeve_curl_set_string(handle, option, value) }

  private func configure(_ settings: CurlSettings) {
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(settings.connectTimeout.nanoseconds / 1_000_000)))
    set(CURLOPT_TIMEOUT_MS, max(1, Int(job.timeout.nanoseconds / 1_000_000)))
    set(CURLOPT_USERAGENT, settings.userAgent)
    set(CURLOPT_PROXY, settings.proxies.proxy(scheme: job.request.scheme))
    set(CURLOPT_NOPROXY, settings.proxies.exemptList)
    if let file = settings.certificateAuthorities { set(CURLOPT_CAINFO, file) }
  }

  private func describeRequest() {
    let request = job.request
    set(CURLOPT_URL, request.url)
    // The signature covers the path as it is written.
    set(CURLOPT_PATH_AS_IS, 1)
    if request.needsFreshConnection { set(CURLOPT_FRESH_CONNECT, 1) }
    if request.method == "GET" {
      set(CURLOPT_HTTPGET, 1)
    } else {
      set(CURLOPT_POST, 1)
      if request.method != "POST" { set(CURLOPT_CUSTOMREQUEST, request.method) }
      set(CURLOPT_POSTFIELDSIZE, request.body.count)
      unsafe request.body.withUnsafeBytes { bytes in
        // Copied by libcurl; a body of no bytes still needs an address.
        var empty: UInt8 = 0
        if let start = bytes.baseAddress {
          unsafe reeve_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
        } else {
          unsafe reeve_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, &empty)
        }
      }
    }
    // "Expect: 100-continue" costs a round trip; a Content-Type that nobody signed is not sent.
    var lines = ["Expect:"]
    if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
    lines += request.headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    for line in lines {
      if let longer = unsafe curl_slist_append(headerList, line) { unsafe headerList = unsafe longer }
    }
    unsafe reeve_curl_set_headers(handle, headerList)
  }

  private func receiveIntoSelf() {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe reeve_curl_set_pointer(handle, CURLOPT_PRIVATE, context)
    unsafe reeve_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    unsafe reeve_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    unsafe reeve_curl_set_data_function(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
      guard let context = unsafe context else { return 0 }
      let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
      return unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().receiveBody(bytes)
    }
    unsafe reeve_curl_set_data_function(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
      guard let context = unsafe context else { return 0 }
      let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
      return unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().receiveHeader(bytes)
    }
  }

  /// Taking fewer bytes than were offered ends the transfer.
  private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard body.count + bytes.count <= maximumBytes else {
      isTooLarge = true
      return 0
    }
    unsafe body.append(contentsOf: bytes)
    return bytes.count
  }

  private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
    headerBytes += bytes.count
    guard headerBytes <= Self.maximumHeaderBytes else {
      isTooLarge = true
      return 0
    }
    let line = unsafe String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // A status line: what came before belonged to an interim response.
      headers = HTTPHeaders()
    } else if let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) {
      headers.add(Self.trimmed(line[..<colon]), Self.trimmed(line[line.utf8.index(after: colon)...]))
    }
    return bytes.count
  }

  private static func trimmed(_ text: Substring) -> String {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
    let start = text.utf8.drop(while: isBlank)
    let end = start.lastIndex { !isBlank($0) }
    return end.map { String(Substring(start[...$0])) } ?? ""
  }

  func resume(_ result: Result<HTTPResponse, TransportError>) { job.continuation.resume(returning: result) }

  func finish(code: CURLcode) {
    guard code == CURLE_OK else { return resume(.failure(failure(code))) }
    var status = 0
    unsafe reeve_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    guard !(300..<400).contains(status) else {
      return resume(
        .failure(
          TransportError(
            kind: .malformed,
            message: "\(job.request.authority) answered with a redirect (status \(status)), which is never followed: "
              + "expected an answer of the service itself; check the endpoint and the proxy")))
    }
    resume(.success(HTTPResponse(status: status, headers: headers, body: body)))
  }

  private func failure(_ code: CURLcode) -> TransportError {
    var sent = 0
    unsafe reeve_curl_get_long(handle, CURLINFO_REQUEST_SIZE, &sent)
    let kind = isTooLarge ? .tooLarge : CurlFailure.kind(code, requestBytesSent: sent)
    var message = "\(job.request.scheme)://\(job.request.authority): \(CurlFailure.text(code))"
    switch kind {
    case .tooLarge: message = "\(job.request.authority) sent more than \(maximumBytes) bytes; the response was given up"
    case .timedOut: message += " after \(job.timeout.brief)"
    case .tls: message += "; behind a proxy that inspects TLS, set AWS_CA_BUNDLE to its certificate authority"
    default: break
    }
    return TransportError(kind: kind, message: message)
  }
}
