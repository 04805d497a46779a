package import Governance

/// AWS Signature Version 4 as a pure function of request, credentials and date.
package enum SignatureV4 {
  static let algorithm = "AWS4-HMAC-SHA256"
  /// Headers that proxies and clients change on the way.
  private static let unsigned: Set<String> = [
    "authorization", "connection", "content-length", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
  ]

  /// Adds X-Amz-Date, X-Amz-Security-Token (with a session token), Host where it is missing, and Authorization.
  package static func sign(
    _ request: inout HTTPRequest, credentials: Credentials, region: String, service: String, date: Timestamp
  ) {
    if request.headers["Host"] == nil { request.headers["Host"] = request.authority }
    request.headers["X-Amz-Date"] = date.basic
    request.headers["X-Amz-Security-Token"] = credentials.sessionToken
    request.headers["Authorization"] = nil
    let names = signedNames(request)
    let scope = Scope(day: date.basicDate, region: region, service: service)
    let signature = scope.signature(
      canonicalRequest: canonical(
        request, query: canonicalQuery(request.query), signedHeaders: names, payload: Digest.sha256Hex(request.body)),
      date: date.basic, secret: credentials.secretAccessKey)
    request.headers["Authorization"] =
      "\(algorithm) Credential=\(credentials.accessKeyID)/\(scope.text), "
      + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"
  }

  /// Signs in the query instead of in headers: who has the URL can make this one request until it expires.
  package static func presign(
    _ request: inout HTTPRequest, credentials: Credentials, region: String, service: String, date: Timestamp,
    expires: Duration
  ) {
    if request.headers["Host"] == nil { request.headers["Host"] = request.authority }
    let names = signedNames(request)
    let scope = Scope(day: date.basicDate, region: region, service: service)
    var fields = [
      ("X-Amz-Algorithm", algorithm), ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope.text)"),
      ("X-Amz-Date", date.basic), ("X-Amz-Expires", String(expires.components.seconds)),
      ("X-Amz-SignedHeaders", names.joined(separator: ";")),
    ]
    if let token = credentials.sessionToken { fields.append(("X-Amz-Security-Token", token)) }
    for field in fields { append(field, to: &request.query) }
    let signature = scope.signature(
      canonicalRequest: canonical(
        request, query: canonicalQuery(request.query), signedHeaders: names, payload: Digest.sha256Hex(request.body)),
      date: date.basic, secret: credentials.secretAccessKey)
    append(("X-Amz-Signature", signature), to: &request.query)
  }

  private static func append(_ field: (name: String, value: String), to query: inout String) {
    query += "\(query.isEmpty ? "" : "&")\(field.name)=\(PercentEncoding.encode(field.value))"
  }

  private static func signedNames(_ request: HTTPRequest) -> [String] {
    Set(request.headers.fields.map { $0.name.lowercased() }).subtracting(unsigned).sorted()
  }

  struct Scope {
    var day: String
    var region: String
    var service: String

    var text: String { "\(day)/\(region)/\(service)/aws4_request" }

    func signature(canonicalRequest: [UInt8], date: String, secret: String) -> String {
      var toSign: [UInt8] = []
      toSign.reserveCapacity(192)
      for part in [algorithm, "\n", date, "\n", day, "/", region, "/", service, "/aws4_request\n"] {
        toSign.append(contentsOf: part.utf8)
      }
      Digest.appendHex(Digest.sha256(canonicalRequest), to: &toSign)
      return Digest.hex(SigningKeys.key(secret: secret, scope: self).code(of: toSign))
    }
  }

  static func canonical(_ request: HTTPRequest, query: String, signedHeaders: [String], payload: String) -> [UInt8] {
    var out: [UInt8] = []
    // With its header it is of a size that the allocator has at hand.
    out.reserveCapacity(960)
    func line(_ text: String) {
      out.append(contentsOf: text.utf8)
      out.append(UInt8(ascii: "\n"))
    }
    line(request.method)
    line(request.path == "/" || request.path.isEmpty ? "/" : PercentEncoding.encode(request.path, keeping: "/"))
    line(query)
    for name in signedHeaders {
      out.append(contentsOf: name.utf8)
      out.append(UInt8(ascii: ":"))
      var isFirst = true
      for field in request.headers.fields where HTTPHeaders.areEqual(field.name, name) {
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        appendTrimmed(field.value, to: &out)
      }
      // Without a Host header, what it would be.
      if isFirst, name == "host" { out.append(contentsOf: request.authority.utf8) }
      out.append(UInt8(ascii: "\n"))
    }
    line("")
    for (position, name) in signedHeaders.enumerated() {
      if position > 0 { out.append(UInt8(ascii: ";")) }
      out.append(contentsOf: name.utf8)
    }
    line("")
    out.append(contentsOf: payload.utf8)
    return out
  }

  /// Without blanks around it, and one where there are several.
  private static func appendTrimmed(_ value: String, to out: inout [UInt8]) {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A }
    var value = value
    value.withUTF8 { bytes in
      var start = 0
      var isFirst = true
      while start < bytes.count {
        guard unsafe !isBlank(bytes[start]) else {
          start += 1
          continue
        }
        var end = start + 1
        while unsafe end < bytes.count && !isBlank(bytes[end]) { end += 1 }
        if !isFirst { out.append(0x20) }
        isFirst = false
        unsafe out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<end]))
        start = end
      }
    }
  }

  /// Decoded, encoded again in one way, sorted by name and value. A plus sign is a blank, as the reader of the fields has
  /// it: else `+` and `%2B` would have one signature and two meanings.
  static func canonicalQuery(_ query: String, leavingOut excluded: String = "") -> String {
    guard !query.isEmpty else { return "" }
    let pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { field -> (name: String, value: String) in
      let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      func normalized(_ part: Substring.UTF8View) -> String {
        PercentEncoding.decode(part, plusIsBlank: true).map { PercentEncoding.encode($0) } ?? String(Substring(part))
      }
      return (normalized(parts[0]), parts.count == 2 ? normalized(parts[1]) : "")
    }
    return pairs.filter { $0.name != excluded }.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
      .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
  }
}
