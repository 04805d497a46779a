package import Governance

/// AWS Signature Version 4 as a pure function of request, credentials and date.
package enum SignatureV4 {
  private static let algorithm = "AWS4-HMAC-SHA256"
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
    let names = Set(request.headers.fields.map { $0.name.lowercased() }).subtracting(unsigned).sorted()
    let scope = Scope(day: date.basicDate, region: region, service: service)
    let signature = scope.signature(
      canonicalRequest: canonical(
        request, query: canonicalQuery(request.query), signedHeaders: names, payload: Digest.sha256Hex(request.body)),
      date: date.basic, secret: credentials.secretAccessKey)
    request.headers["Authorization"] =
      "\(algorithm) Credential=\(credentials.accessKeyID)/\(scope.text), "
      + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"
  }

  private struct Scope {
    var day: String
    var region: String
    var service: String

    var text: String { "\(day)/\(region)/\(service)/aws4_request" }

    func signature(canonicalRequest: String, date: String, secret: String) -> String {
      let toSign = "\(algorithm)\n\(date)\n\(text)\n\(Digest.sha256Hex(Array(canonicalRequest.utf8)))"
      var key = Array("AWS4\(secret)".utf8)
      for part in [day, region, service, "aws4_request"] { key = Digest.hmac(key: key, Array(part.utf8)) }
      return Digest.hex(Digest.hmac(key: key, Array(toSign.utf8)))
    }
  }

  private static func canonical(_ request: HTTPRequest, query: String, signedHeaders: [String], payload: String)
    -> String
  {
    let given = request.headers.fields.map { (name: $0.name.lowercased(), value: $0.value) }
    var headers = ""
    for name in signedHeaders {
      let values = given.filter { $0.name == name }.map { trimmed($0.value) }
      headers += "\(name):\(values.joined(separator: ","))\n"
    }
    let path = PercentEncoding.encode(request.path.isEmpty ? "/" : request.path, keeping: "/")
    return "\(request.method)\n\(path)\n\(query)\n\(headers)\n\(signedHeaders.joined(separator: ";"))\n\(payload)"
  }

  /// Without blanks around it, and one where there are several. Most values have none, session tokens are long.
  private static func trimmed(_ value: String) -> String {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A }
    guard value.utf8.contains(where: isBlank) else { return value }
    return value.utf8.split(whereSeparator: isBlank).map { String(Substring($0)) }.joined(separator: " ")
  }

  /// Decoded, encoded again in one way, sorted by name and value.
  private static func canonicalQuery(_ query: String, leavingOut excluded: String = "") -> String {
    let pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { field -> (name: String, value: String) in
      let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      func normalized(_ part: Substring.UTF8View) -> String {
        PercentEncoding.decode(part, plusIsBlank: false).map { PercentEncoding.encode($0) } ?? String(Substring(part))
      }
      return (normalized(parts[0]), parts.count == 2 ? normalized(parts[1]) : "")
    }
    return pairs.filter { $0.name != excluded }.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
      .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
  }

  /// What an Authorization header claims.
  package struct Claim: Sendable, Equatable {
    package var accessKeyID: String
    /// `20261123`
    package var day: String
    package var region: String
    package var service: String
    package var signedHeaders: [String]
    package var signature: String
    /// From X-Amz-Date, or Date.
    package var date: Timestamp
    package var sessionToken: String?
    /// Signed in the query, not in a header.
    package var isPresigned = false
    /// How long a presigned request is good for.
    package var expires: Duration?
  }

  package enum ClaimError: Error, Equatable {
    /// No Authorization header and no query signature.
    case missing
    /// AWS's `IncompleteSignature`, with AWS's text.
    case incomplete(String)
  }

  /// Reads the claim of a request, from the header or from a presigned query (X-Amz-Signature).
  package static func claim(of request: HTTPRequest) throws(ClaimError) -> Claim {
    if let authorization = request.headers["Authorization"] { return try claim(header: authorization, of: request) }
    let fields = PercentEncoding.fields(request.query.utf8) ?? []
    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    guard let signature = field("X-Amz-Signature") else { throw .missing }
    var claim = try claim(
      algorithm: field("X-Amz-Algorithm") ?? "", credential: field("X-Amz-Credential"),
      signedHeaders: field("X-Amz-SignedHeaders"), signature: signature, date: field("X-Amz-Date"), source: "query")
    claim.sessionToken = field("X-Amz-Security-Token")
    claim.isPresigned = true
    claim.expires = field("X-Amz-Expires").flatMap { Int64($0) }.map { .seconds($0) }
    return claim
  }

  private static func claim(header: String, of request: HTTPRequest) throws(ClaimError) -> Claim {
    let words = header.split(separator: " ", maxSplits: 1).map(String.init)
    var values: [String: String] = [:]
    for part in (words.count == 2 ? words[1] : "").split(separator: ",") {
      let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1).map(String.init)
      if pair.count == 2 { values[pair[0]] = pair[1] }
    }
    var claim = try claim(
      algorithm: words.first ?? "", credential: values["Credential"], signedHeaders: values["SignedHeaders"],
      signature: values["Signature"], date: request.headers["X-Amz-Date"] ?? request.headers["Date"], source: header)
    claim.sessionToken = request.headers["X-Amz-Security-Token"]
    return claim
  }

  private static func claim(
    algorithm: String, credential: String?, signedHeaders: String?, signature: String?, date: String?, source: String
  ) throws(ClaimError) -> Claim {
    guard algorithm == Self.algorithm else { throw .incomplete("Unsupported AWS 'algorithm': '\(algorithm)'") }
    var missing: [String] = []
    if credential == nil { missing.append("Authorization header requires 'Credential' parameter.") }
    if signature == nil { missing.append("Authorization header requires 'Signature' parameter.") }
    if signedHeaders == nil { missing.append("Authorization header requires 'SignedHeaders' parameter.") }
    if date == nil {
      missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    }
    guard let credential, let signature, let signedHeaders, let date else {
      throw .incomplete(missing.joined(separator: " "))
    }
    let scope = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard scope.count == 5, scope[4] == "aws4_request" else {
      throw .incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term")
    }
    guard let time = Timestamp(iso8601: date) else {
      throw .incomplete(
        "Date must be in ISO-8601 'basic format'. Got '\(date)'. See http://en.wikipedia.org/wiki/ISO_8601")
    }
    guard time.basicDate == scope[1] else {
      throw .incomplete("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP")
    }
    let names = signedHeaders.split(separator: ";").map(String.init)
    guard names.contains("host") else {
      throw .incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    }
    return Claim(
      accessKeyID: scope[0], day: scope[1], region: scope[2], service: scope[3], signedHeaders: names,
      signature: signature, date: time, sessionToken: nil)
  }

  /// Does the claim's signature match the request under this secret? Compared in constant time.
  package static func verify(_ claim: Claim, of request: HTTPRequest, secretAccessKey: String) -> Bool {
    var request = request
    if request.headers["Host"] == nil { request.headers["Host"] = request.authority }
    let scope = Scope(day: claim.day, region: claim.region, service: claim.service)
    // The client says it when it left the payload out; over TLS AWS takes its word.
    let stated = request.headers["X-Amz-Content-SHA256"]
    let payload = stated == "UNSIGNED-PAYLOAD" ? "UNSIGNED-PAYLOAD" : Digest.sha256Hex(request.body)
    let expected = scope.signature(
      canonicalRequest: canonical(
        request,
        query: canonicalQuery(request.query, leavingOut: claim.isPresigned ? "X-Amz-Signature" : ""),
        signedHeaders: claim.signedHeaders, payload: payload),
      date: claim.date.basic, secret: secretAccessKey)
    return Digest.areEqual(expected, claim.signature)
  }
}
