import Glibc
import Governance
import Testing

@testable import AWSWire

struct SignatureV4Tests {
  private let example = Credentials(
    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
  private let date = Timestamp(seconds: 1_440_938_160)

  private func request(method: String = "GET", query: String = "", body: String = "") -> HTTPRequest {
    HTTPRequest(
      method: method, scheme: "https", authority: "example.amazonaws.com", path: "/", query: query,
      body: Array(body.utf8))
  }

  /// From AWS's published test suite for Signature Version 4.
  @Test(
    "AWS's published vectors",
    arguments: [
      ("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
      ("GET", "Param1=value1&Param2=value2", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
      ("GET", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
      ("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ])
  func vectors(method: String, query: String, signature: String) {
    var request = request(method: method, query: query)
    SignatureV4.sign(&request, credentials: example, region: "us-east-1", service: "service", date: date)
    #expect(
      request.headers["Authorization"]
        == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        + "SignedHeaders=host;x-amz-date, Signature=\(signature)")
  }

  @Test("an Authorization header that is written unusually claims the same as one that is not")
  func spellings() throws {
    var request = request()
    SignatureV4.sign(&request, credentials: example, region: "eu-west-1", service: "ec2", date: date)
    let usual = try SignatureV4.claim(of: request)
    let header = try #require(request.headers["Authorization"])
    let parts = header.dropFirst("AWS4-HMAC-SHA256 ".count).split(separator: ", ")
    for spelling in [
      parts.joined(separator: ","), parts.reversed().joined(separator: ", "), parts.joined(separator: ",   "),
      "Other=1, " + parts.joined(separator: ", "),
    ] {
      request.headers["Authorization"] = "AWS4-HMAC-SHA256  \(spelling)"
      #expect(throws: Never.self) { _ = try SignatureV4.claim(of: request) }
      #expect(try SignatureV4.claim(of: request).signedHeaders == usual.signedHeaders)
    }
    request.headers["Authorization"] = "AWS4-HMAC-SHA256 " + parts.joined(separator: ",")
    #expect(try SignatureV4.claim(of: request) == usual)
  }

  @Test("what was signed verifies; any change of body, header, query or secret does not")
  func verify() throws {
    var request = request(method: "POST", query: "a=b c", body: "Action=DescribeImages")
    var credentials = example
    credentials.sessionToken = "token/+="
    SignatureV4.sign(&request, credentials: credentials, region: "eu-central-1", service: "ec2", date: date)
    let claim = try SignatureV4.claim(of: request)
    #expect(claim.accessKeyID == "AKIDEXAMPLE")
    #expect(claim.region == "eu-central-1")
    #expect(claim.service == "ec2")
    #expect(claim.sessionToken == "token/+=")
    #expect(SignatureV4.verify(claim, of: request, secretAccessKey: example.secretAccessKey))
    #expect(!SignatureV4.verify(claim, of: request, secretAccessKey: "other"))
    let changes: [(inout HTTPRequest) -> Void] = [
      { $0.body.append(0) }, { $0.query = "a=c" }, { $0.method = "GET" }, { $0.headers["Host"] = "other" },
      { $0.headers["X-Amz-Security-Token"] = "other" }, { $0.path = "/other" },
    ]
    for change in changes {
      var changed = request
      change(&changed)
      #expect(!SignatureV4.verify(claim, of: changed, secretAccessKey: example.secretAccessKey))
    }
  }

  /// Written by .models/signature_vectors.py.
  @Test("headers and queries are signed as botocore signs them, and verify")
  func golden() throws {
    let cases = try Golden.document("signatures.json").elements
    #expect(cases.count == 40)
    for entry in cases {
      func text(_ name: String) -> String { entry[name]?.string ?? "" }
      var request = HTTPRequest(
        method: text("method"), scheme: "https", authority: text("host"), query: text("query"),
        body: Array(text("body").utf8))
      for header in entry["headers"]?.entries ?? [] { request.headers.add(header.name, header.value.string ?? "") }
      let credentials = Credentials(
        accessKeyID: text("key"), secretAccessKey: text("secret"), sessionToken: entry["token"]?.string)
      let date = try #require(Timestamp(iso8601: text("date")))
      if let expires = entry["expires"]?.int {
        SignatureV4.presign(
          &request, credentials: credentials, region: text("region"), service: text("service"), date: date,
          expires: .seconds(expires))
        #expect(request.query.hasSuffix("X-Amz-Signature=\(text("signature"))"))
      } else {
        SignatureV4.sign(
          &request, credentials: credentials, region: text("region"), service: text("service"), date: date)
        #expect(request.headers["Authorization"] == text("authorization"))
      }
      let claim = try SignatureV4.claim(of: request)
      #expect(claim.isPresigned == (entry["expires"] != nil))
      #expect(claim.expires == entry["expires"]?.int.map { .seconds($0) })
      #expect(claim.sessionToken == entry["token"]?.string)
      #expect(SignatureV4.verify(claim, of: request, secretAccessKey: credentials.secretAccessKey))
      request.query += "&Added=1"
      #expect(!SignatureV4.verify(claim, of: request, secretAccessKey: credentials.secretAccessKey))
    }
  }

  @Test("what is signed is what is read: a plus sign is a blank, and is not exchanged for an encoded one")
  func plus() throws {
    var request = request(query: "Owner.1=a+b")
    SignatureV4.sign(&request, credentials: example, region: "us-east-1", service: "ec2", date: date)
    let claim = try SignatureV4.claim(of: request)
    request.query = "Owner.1=a%20b"
    #expect(SignatureV4.verify(claim, of: request, secretAccessKey: example.secretAccessKey))
    request.query = "Owner.1=a%2Bb"
    #expect(!SignatureV4.verify(claim, of: request, secretAccessKey: example.secretAccessKey))
  }

  @Test("a payload that was left out of the signature is taken at the client's word, and only if it said so")
  func unsignedPayload() throws {
    var request = request(method: "POST", body: "")
    request.headers["X-Amz-Date"] = date.basic
    request.headers["Host"] = request.authority
    request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
    let names = ["host", "x-amz-content-sha256", "x-amz-date"]
    let scope = SignatureV4.Scope(day: date.basicDate, region: "us-east-1", service: "ec2")
    let signature = scope.signature(
      canonicalRequest: SignatureV4.canonical(request, query: "", signedHeaders: names, payload: "UNSIGNED-PAYLOAD"),
      date: date.basic, secret: example.secretAccessKey)
    request.headers["Authorization"] =
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\(scope.text), SignedHeaders=\(names.joined(separator: ";")), "
      + "Signature=\(signature)"
    let claim = try SignatureV4.claim(of: request)
    request.body = Array("anything".utf8)
    #expect(SignatureV4.verify(claim, of: request, secretAccessKey: example.secretAccessKey))
    request.headers["X-Amz-Content-SHA256"] = Digest.sha256Hex(request.body)
    #expect(!SignatureV4.verify(claim, of: request, secretAccessKey: example.secretAccessKey))
  }

  @Test("a presigned claim that is not whole, or that would never expire, is refused")
  func incompleteQuery() throws {
    var request = request()
    SignatureV4.presign(
      &request, credentials: example, region: "us-east-1", service: "sts", date: date, expires: .seconds(60))
    let whole = request.query
    #expect(try SignatureV4.claim(of: request).expires == .seconds(60))
    let changes = [
      ("X-Amz-Expires=60", "X-Amz-Expires=never"), ("X-Amz-Expires=60", "X-Amz-Expires=0"),
      ("X-Amz-Expires=60", "X-Amz-Expires=604801"), ("X-Amz-Expires=60", "X-Amz-Expires="),
      ("X-Amz-Date", "X-Amz-Dat"), ("X-Amz-Credential", "Credential"), ("X-Amz-SignedHeaders=host", "a=b"),
      ("X-Amz-Algorithm=AWS4", "X-Amz-Algorithm=AWS3"), ("20150830T123600Z", "99991231T235959Z"), ("=host", "=%zz"),
    ]
    for (old, new) in changes {
      request.query = Self.replacing(old, by: new, in: whole)
      #expect(request.query != whole)
      #expect { try SignatureV4.claim(of: request) } throws: { error in
        if case SignatureV4.ClaimError.incomplete(let text) = error { return !text.isEmpty }
        return false
      }
    }
  }

  private static func replacing(_ old: String, by new: String, in text: String) -> String {
    guard let range = text.firstRange(of: old) else { return text }
    return text[..<range.lowerBound] + new + text[range.upperBound...]
  }

  @Test("an x-amz header beside the signature is refused: it could have been exchanged on the way")
  func unsignedHeader() throws {
    var request = request(method: "POST")
    SignatureV4.sign(&request, credentials: example, region: "us-east-1", service: "organizations", date: date)
    request.headers["X-Amzn-Trace-Id"] = "Root=1"
    #expect(try SignatureV4.claim(of: request).service == "organizations")
    request.headers["X-Amz-Target"] = "AWSOrganizationsV20161128.LeaveOrganization"
    #expect(
      throws: SignatureV4.ClaimError.incomplete("'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.")
    ) { try SignatureV4.claim(of: request) }
  }

  @Test("a claim that is not whole says what is missing")
  func incomplete() throws {
    #expect(throws: SignatureV4.ClaimError.missing) { try SignatureV4.claim(of: request()) }
    let headers = [
      "Bearer x", "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/ec2/aws4_request, Signature=1",
      "AWS4-HMAC-SHA256 Credential=A/B, SignedHeaders=host, Signature=1",
      "AWS4-HMAC-SHA256 Credential=A/20150831/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=1",
      "AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/ec2/aws4_request, SignedHeaders=x-amz-date, Signature=1",
    ]
    for header in headers {
      var request = request()
      request.headers["Authorization"] = header
      request.headers["X-Amz-Date"] = "20150830T123600Z"
      #expect { try SignatureV4.claim(of: request) } throws: { error in
        if case SignatureV4.ClaimError.incomplete(let text) = error { return !text.isEmpty }
        return false
      }
    }
  }

  @Test("credentials never print their secret")
  func redaction() {
    let text = "\(example) \(String(reflecting: example)) \(String(describing: [example]))"
    #expect(!text.contains("wJalr"))
    var dumped = ""
    dump(example, to: &dumped)
    #expect(!dumped.contains("wJalr"))
  }
}

/// The conformance suite hands over a corpus that botocore has signed; nothing to compare otherwise.
struct SignatureCorpusTests {
  private static let path = unsafe getenv("REEVE_SIGNATURE_CORPUS").map { unsafe String(cString: $0) }

  @Test("reeve signs as botocore does", .enabled(if: path != nil))
  func corpus() throws {
    var compared = 0
    for entry in try Golden.document(try #require(Self.path)).elements {
      func text(_ name: String) -> String { entry[name]?.string ?? "" }
      var request = HTTPRequest(
        method: text("method"), scheme: "https", authority: text("host"), path: "/", query: text("query"),
        body: Array(text("body").utf8))
      for header in entry["headers"]?.entries ?? [] { request.headers.add(header.name, header.value.string ?? "") }
      SignatureV4.sign(
        &request,
        credentials: Credentials(
          accessKeyID: text("key"), secretAccessKey: text("secret"), sessionToken: entry["token"]?.string),
        region: text("region"), service: text("service"), date: try #require(Timestamp(iso8601: text("date"))))
      #expect(request.headers["Authorization"] == text("authorization"))
      compared += 1
    }
    print("\(compared) signatures compared")
    #expect(compared > 0)
  }
}
