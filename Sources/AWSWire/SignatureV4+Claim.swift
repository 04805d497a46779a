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
    let names = request.headers.fields.lazy.filter { HTTPHeaders.isNamed($0.name, startingWith: "x-amz-") }
      .map { $0.name.lowercased() }
    if let name = names.filter({ !claim.signedHeaders.contains($0) }).min() {
      throw .incomplete("'\(name)' must be a 'SignedHeader' in the AWS Authorization.")
    }
    return claim
  }

  private static func headerClaim(_ header: String, of request: HTTPRequest) throws(ClaimError) -> Claim {
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
