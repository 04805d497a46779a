package import Governance

extension SignatureV4 {
  /// What a request's signature claims.
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
    /// How long a presigned request is good for, where it says so.
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
    let claim: Claim
    if let authorization = request.headers["Authorization"] {
      claim = try headerClaim(authorization, of: request)
    } else {
      claim = try queryClaim(of: request)
    }
    // Signature Version 4, "Create a canonical request": the signed headers must include host and any x-amz-* header.
    // Else an X-Amz-Target could be exchanged under a valid signature.
    var unsigned: String?
    for field in request.headers.fields where HTTPHeaders.isNamed(field.name, startingWith: "x-amz-") {
      guard !claim.signedHeaders.contains(where: { HTTPHeaders.isNamed(field.name, $0) }) else { continue }
      let name = field.name.lowercased()
      unsigned = min(unsigned ?? name, name)
    }
    if let unsigned { throw .incomplete("'\(unsigned)' must be a 'SignedHeader' in the AWS Authorization.") }
    return claim
  }

  private static func headerClaim(_ header: String, of request: HTTPRequest) throws(ClaimError) -> Claim {
    if let date = request.headers["X-Amz-Date"], var claim = usualClaim(header, date: date) {
      claim.sessionToken = request.headers["X-Amz-Security-Token"]
      return claim
    }
    let words = header.fields(at: " ", maxSplits: 1, omittingEmpty: true)
    var values: [String: String] = [:]
    for part in (words.count == 2 ? words[1] : "").fields(at: ",", omittingEmpty: true) {
      let pair = String(part.drop { $0 == " " }).fields(at: "=", maxSplits: 1, omittingEmpty: true)
      if pair.count == 2 { values[pair[0]] = pair[1] }
    }
    try checkAlgorithm(words.first ?? "")
    let date = request.headers["X-Amz-Date"] ?? request.headers["Date"]
    var missing = ["Credential", "Signature", "SignedHeaders"].filter { values[$0] == nil }
      .map { "Authorization header requires '\($0)' parameter." }
    if date == nil {
      missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    }
    guard let credential = values["Credential"], let signature = values["Signature"],
      let signedHeaders = values["SignedHeaders"], let date
    else { throw .incomplete(missing.joined(separator: " ")) }
    var claim = try claim(credential: credential, signedHeaders: signedHeaders, signature: signature, date: date)
    claim.sessionToken = request.headers["X-Amz-Security-Token"]
    return claim
  }

  /// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, as clients write it, in one pass. nil: it is written
  /// otherwise or wrong, and is for the longer way to take apart.
  private static func usualClaim(_ header: String, date text: String) -> Claim? {
    guard let date = Timestamp(iso8601: text) else { return nil }
    var header = header
    let parsed = header.withUTF8 { bytes -> Claim? in
      var reader = unsafe Reader(bytes: bytes)
      guard unsafe reader.skip("AWS4-HMAC-SHA256 Credential="), let key = unsafe reader.text(to: "/"),
        let day = unsafe reader.text(to: "/"), let region = unsafe reader.text(to: "/"),
        let service = unsafe reader.text(to: "/"), unsafe reader.skip("aws4_request,")
      else { return nil }
      _ = unsafe reader.skip(" ")
      guard unsafe reader.skip("SignedHeaders=") else { return nil }
      var names: [String] = []
      names.reserveCapacity(8)
      while let name = unsafe reader.text(to: ";") { names.append(name) }
      guard let last = unsafe reader.text(to: ",") else { return nil }
      names.append(last)
      _ = unsafe reader.skip(" ")
      guard unsafe reader.skip("Signature="), let signature = unsafe reader.rest(), names.contains("host") else {
        return nil
      }
      return Claim(
        accessKeyID: key, day: day, region: region, service: service, signedHeaders: names, signature: signature,
        date: date, sessionToken: nil)
    }
    guard let parsed, date.basicDate == parsed.day else { return nil }
    return parsed
  }

  /// Takes a header's bytes from front to back.
  @unsafe private struct Reader {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { unsafe self.bytes = bytes }

    mutating func skip(_ text: StaticString) -> Bool {
      let length = text.utf8CodeUnitCount
      guard unsafe bytes.count - position >= length else { return false }
      for offset in 0..<length where unsafe bytes[position + offset] != text.utf8Start[offset] { return false }
      unsafe position += length
      return true
    }

    /// Up to the mark, which is taken with it; nil where that is nothing, or where a comma or a blank comes first.
    mutating func text(to mark: Unicode.Scalar) -> String? {
      let mark = UInt8(ascii: mark)
      var end = unsafe position
      while unsafe end < bytes.count, unsafe bytes[end] != mark {
        guard unsafe bytes[end] != UInt8(ascii: ","), unsafe bytes[end] > UInt8(ascii: " ") else { return nil }
        end += 1
      }
      guard unsafe end < bytes.count, unsafe end > position else { return nil }
      defer { unsafe position = end + 1 }
      return unsafe String(decoding: UnsafeBufferPointer(rebasing: bytes[position..<end]), as: UTF8.self)
    }

    /// The digits that are left; nil where there is anything else.
    func rest() -> String? {
      let rest = unsafe UnsafeBufferPointer(rebasing: bytes[position...])
      let areDigits = unsafe rest.allSatisfy {
        ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
      }
      return unsafe areDigits && !rest.isEmpty ? String(decoding: rest, as: UTF8.self) : nil
    }
  }

  private static func queryClaim(of request: HTTPRequest) throws(ClaimError) -> Claim {
    guard let fields = PercentEncoding.fields(request.query.utf8) else {
      throw .incomplete("The query string contains a syntax error")
    }
    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    guard let signature = field("X-Amz-Signature") else { throw .missing }
    try checkAlgorithm(field("X-Amz-Algorithm") ?? "")
    let missing = ["X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Date"].filter { field($0) == nil }
    guard let credential = field("X-Amz-Credential"), let signedHeaders = field("X-Amz-SignedHeaders"),
      let date = field("X-Amz-Date")
    else {
      throw .incomplete(missing.map { "AWS query-string parameters must include '\($0)'." }.joined(separator: " "))
    }
    var claim = try claim(credential: credential, signedHeaders: signedHeaders, signature: signature, date: date)
    claim.sessionToken = field("X-Amz-Security-Token")
    claim.isPresigned = true
    if let text = field("X-Amz-Expires") {
      // A week at most. What is no number must not read as "never".
      guard let seconds = Int64(text), (1...604_800).contains(seconds) else {
        throw .incomplete("X-Amz-Expires must be a number of seconds between 1 and 604800. Got '\(text.prefix(40))'.")
      }
      claim.expires = .seconds(seconds)
    }
    return claim
  }

  private static func checkAlgorithm(_ found: String) throws(ClaimError) {
    guard found == algorithm else { throw .incomplete("Unsupported AWS 'algorithm': '\(found)'") }
  }

  private static func claim(credential: String, signedHeaders: String, signature: String, date: String)
    throws(ClaimError) -> Claim
  {
    let scope = credential.fields(at: "/")
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
    let names = signedHeaders.fields(at: ";", omittingEmpty: true)
    guard names.contains("host") else {
      throw .incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    }
    return Claim(
      accessKeyID: scope[0], day: scope[1], region: scope[2], service: scope[3], signedHeaders: names,
      signature: signature, date: time, sessionToken: nil)
  }

  /// Does the claim's signature match the request under this secret? Compared in constant time.
  package static func verify(_ claim: Claim, of request: HTTPRequest, secretAccessKey: String) -> Bool {
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
